// The training step of a sparse autoencoder: 512 inputs, 4,096 latents, 4,096 samples, AdamW, dictionary vectors of unit
// length; with L1, where half of the latents are active as training begins, and with the 32 largest of each sample.

import Tensors
import ToyModels

extension Bench {
  static func sparseAutoencoderSteps() {
    let (inputs, latents, samples) = (512, 4096, 4096)
    let cases: [(String, SparseAutoencoder.Activation, SparseAutoencoderTraining.SparsityPenalty)] = [
      ("", .relu, .l1Sum(1e-3)), (".k32", .topK(32), .none),
    ]
    for (name, activation, penalty) in cases {
      var stream = RandomStream(seed: 1)
      let batch = stream.normal([samples, inputs])
      var trainer = SparseAutoencoderTrainer(
        SparseAutoencoder(
          .init(inputs: inputs, latents: latents, activation: activation, initialization: .independent()),
          using: stream),
        settings: SparseAutoencoderTraining(
          learningRate: 1e-4, adam: AdamCoefficients(weightDecay: 0.01), penalty: penalty))
      // Five products of the full size: the work of the plain computation, as the peers' scripts count it.
      measure(
        "sae.swift.\(inputs)x\(latents)_B\(samples)_step" + name, work: Double(10 * samples * inputs * latents),
        unit: "flop"
      ) {
        trainer.step(on: batch)
      }
    }
  }
}
