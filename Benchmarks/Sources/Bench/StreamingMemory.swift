// How much memory an autoencoder's training needs while more and more activations stream through it: the largest growth of the
// process's resident memory since its start, read after every step, beside what the activations would take if they were held.

import Tensors
import ToyModels

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Prints a line for each number of activations of 256 inputs, which come in chunks of 1 MiB and mix in a buffer of 4 MiB.
func streamingMemory() {
  let (inputs, latents, batch) = (256, 64, 512)
  print("activations\tall of them, MiB\tgrowth, MiB\tsteps")
  let before = residentBytes()
  for mebibytes in [32, 128, 512, 2_048] {
    let source = GeneratedActivations<Never>(chunks: mebibytes) { chunk in
      var stream = RandomStream(seed: UInt64(chunk))
      return stream.uniform([1024, inputs])
    }
    var stream = ActivationStream(
      from: source, inputs: inputs, capacity: 4096, batchSize: batch, using: RandomStream(seed: 1))
    var trainer = SparseAutoencoderTrainer(
      SparseAutoencoder(.init(inputs: inputs, latents: latents), using: RandomStream(seed: 2)),
      settings: SparseAutoencoderTraining(learningRate: 1e-3, penalty: .l1Sum(1e-2)))
    var largest = before
    while (try? trainer.train(on: &stream, steps: 1)) == 1 { largest = max(largest, residentBytes()) }
    print("\(mebibytes * 1024)\t\(mebibytes)\t\((largest - before + (1 << 19)) >> 20)\t\(trainer.step)")
  }
}

/// The memory of this process that is in use now; zero where it cannot be read.
private func residentBytes() -> Int {
  #if os(Linux)
    guard let file = fopen("/proc/self/statm", "r") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    guard fgets(&line, 256, file) != nil else { return 0 }
    let fields = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self).split(separator: " ")
    return (fields.count > 1 ? Int(fields[1]) ?? 0 : 0) * Int(getpagesize())
  #else
    var info = mach_task_basic_info()
    var count = mach_msg_type_number_t(MemoryLayout<mach_task_basic_info>.size / MemoryLayout<natural_t>.size)
    let status = withUnsafeMutablePointer(to: &info) {
      $0.withMemoryRebound(to: integer_t.self, capacity: Int(count)) {
        task_info(mach_task_self_, task_flavor_t(MACH_TASK_BASIC_INFO), $0, &count)
      }
    }
    return status == KERN_SUCCESS ? Int(info.resident_size) : 0
  #endif
}
