// A small HTTP/1.1 server on the loopback that does what servers on bad days do: stall, cut short, send elsewhere, send
// something else, or know no ranges.

import Foundation
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A server that lives as long as the value does.
final class FaultyServer: Sendable {
  /// What the server does with one request.
  enum Answer: Sendable {
    /// Sends the bytes, or those that were asked for.
    case bytes(Data)
    /// Sends all bytes, whatever was asked for.
    case withoutRanges(Data)
    /// Promises all bytes and closes after so many.
    case cut(Data, after: Int)
    /// Promises all bytes and sends nothing more after so many, until the client goes.
    case stalled(Data, after: Int)
    /// Sends the client to another path.
    case redirect(String)
    /// A status without a body.
    case status(Int)
    /// Closes the connection without a word.
    case hangUp
  }

  /// A request as it came.
  struct Request: Sendable, Hashable {
    let path: String
    /// The first byte that was asked for; nil for all.
    let offset: Int?
  }

  /// The port that it listens at.
  let port: UInt16

  private let listener: Int32
  private let received = Mutex<[Request]>([])

  /// Starts a server; `answer` says what to do with a request, of which so many came before.
  init(_ answer: @escaping @Sendable (Request, Int) -> Answer) throws {
    #if canImport(Glibc)
      listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    #else
      listener = socket(AF_INET, SOCK_STREAM, 0)
    #endif
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { [listener] pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        bind(listener, address, size) == 0 && listen(listener, 8) == 0 && getsockname(listener, address, &size) == 0
      }
    }
    guard listener >= 0, isBound else { throw CocoaError(.fileReadUnknown) }
    port = UInt16(bigEndian: address.sin_port)
    Thread.detachNewThread { [listener, weak self] in
      while true {
        let connection = accept(listener, nil, nil)
        guard connection >= 0 else { return }
        guard let self else {
          close(connection)
          return
        }
        Thread.detachNewThread { self.serve(connection, answer) }
      }
    }
  }

  deinit {
    shutdown(listener, Int32(SHUT_RDWR))
    close(listener)
  }

  /// The address of a path.
  func url(_ path: String) -> String { "http://127.0.0.1:\(port)/\(path)" }

  /// The requests so far.
  var requests: [Request] { received.withLock { $0 } }

  private func serve(_ connection: Int32, _ answer: (Request, Int) -> Answer) {
    defer { close(connection) }
    var text = ""
    var buffer = [UInt8](repeating: 0, count: 4096)
    while !text.contains("\r\n\r\n") {
      let count = recv(connection, &buffer, buffer.count, 0)
      guard count > 0 else { return }
      text += String(decoding: buffer[..<count], as: UTF8.self)
    }
    let lines = text.split(separator: "\r\n")
    let range = lines.first { $0.lowercased().hasPrefix("range: bytes=") }
    let request = Request(
      path: String(lines.first?.split(separator: " ").dropFirst().first?.dropFirst() ?? ""),
      offset: range.flatMap { Int($0.dropFirst(13).prefix { $0.isNumber }) })
    let earlier = received.withLock { requests in
      requests.append(request)
      return requests.count - 1
    }

    func send(_ data: Data) {
      var rest = data
      while !rest.isEmpty {
        #if canImport(Glibc)
          let count = rest.withUnsafeBytes {
            Glibc.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
          }
        #else
          let count = rest.withUnsafeBytes { Darwin.send(connection, $0.baseAddress, $0.count, 0) }
        #endif
        guard count > 0 else { return }
        rest = rest.dropFirst(count)
      }
    }
    func head(_ status: String, _ fields: [String]) {
      send(Data((["HTTP/1.1 \(status)", "Connection: close"] + fields + ["", ""]).joined(separator: "\r\n").utf8))
    }
    /// Sends the head for all bytes from the offset on, and gives them.
    func promise(_ data: Data) -> Data {
      guard let offset = request.offset else {
        head("200 OK", ["Content-Length: \(data.count)"])
        return data
      }
      guard offset < data.count else {
        head("416 Range Not Satisfiable", ["Content-Length: 0"])
        return Data()
      }
      let fields = [
        "Content-Length: \(data.count - offset)", "Content-Range: bytes \(offset)-\(data.count - 1)/\(data.count)",
      ]
      head("206 Partial Content", fields)
      return data.dropFirst(offset)
    }

    switch answer(request, earlier) {
    case .bytes(let data): send(promise(data))
    case .withoutRanges(let data):
      head("200 OK", ["Content-Length: \(data.count)"])
      send(data)
    case .cut(let data, let count): send(promise(data).prefix(count))
    case .stalled(let data, let count):
      send(promise(data).prefix(count))
      _ = recv(connection, &buffer, buffer.count, 0)  // returns once the client has gone
    case .redirect(let path): head("302 Found", ["Location: \(url(path))", "Content-Length: 0"])
    case .status(let code): head("\(code) No", ["Content-Length: 0"])
    case .hangUp: break
    }
  }
}
