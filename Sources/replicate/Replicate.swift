@main
struct Replicate {
  static func main() {}
}
