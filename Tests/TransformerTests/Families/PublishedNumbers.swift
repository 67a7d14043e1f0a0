// The published numbers of fixtures/transformer/pretrained.json, collected from public test suites and demo notebooks.

import Foundation

/// The published numbers.
struct Published: Decodable {
  struct Tokens: Decodable {
    let tokens: [Int]
  }
  struct Loss: Decodable {
    let tokens: [Int]
    let loss: Float
    let tolerance: Float
  }
  struct Continuation: Decodable {
    let tokens: [Int]
    let continuation: [Int]
  }
  struct Rows: Decodable {
    let tokens: [Int]
    let first: [Float]
    let third: [Float]
    let argmax: [Int]?
  }
  struct Places: Decodable {
    let tokens: [Int]
    let places: [Int]
    let logits: [Float]
    let mean: Float
  }
  struct Next: Decodable {
    let tokens: [Int]
    let next: Int
    let percent: Float
  }
  struct Training: Decodable {
    let tokens: [Int]
    let losses: [Float]
  }
  struct Relatives: Decodable {
    let tokens: [Int]
    let gptNeo125M: Float
    let stanfordSmallA: Float
    let tinyStories33M: Float
    let tolerance: Float
  }
  struct LastWords: Decodable {
    let accuracy: Double
    let perplexity: Double
  }
  struct GPT2: Decodable {
    let parameters: Int
    let embedding: [Float]
    let neurons: [Float]
    let normalized: [Float]
    let attention: Rows
    let logits: Rows
    let logitsOfFour: Places
    let losses: [Loss]
    let lossWithoutHead8: Float
    let processedLossWithoutHead8: Float
    let largerParameters: [String: Int]
    let relatives: Relatives
    let next: Next
    let greedy: [Continuation]
    let training: Training
  }
  struct Pythia: Decodable {
    let parameters: [String: Int]
    let lambada: [String: LastWords]
    let sciQ: [String: Double]
    let piqa: [String: Double]
    let loss70M: Loss
    let greedy410M: Continuation
  }
  let gpt2: GPT2
  let pythia: Pythia

  static func read() throws -> Published {
    let file = URL(filePath: FamilyFixture.folder).deletingLastPathComponent().appending(path: "pretrained.json")
    return try JSONDecoder().decode(Published.self, from: Data(contentsOf: file))
  }
}
