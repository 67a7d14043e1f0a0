// Sparse autoencoders as SAELens keeps them: a folder with cfg.json and sae_weights.safetensors.
//
//   standard, topk   W_enc [d_in, d_sae]   b_enc [d_sae]   W_dec [d_sae, d_in]   b_dec [d_in]
//   jumprelu         the same and threshold [d_sae]
//   gated            W_enc, W_dec, b_dec and b_gate, b_mag, r_mag [d_sae]
//
// Names and meaning: SAELens 6, sae_lens/saes. Autoencoders that rescale activations first are refused by name.

import Foundation
import Tensors
import ToyModels
import Transformer

extension SparseAutoencoder {
  /// Weights and shapes as SAELens names them.
  ///
  /// A BatchTopK is a JumpReLU with one threshold, as SAELens saves it too. A tied encoder is written out; where there
  /// is no decoder bias zeros are.
  public var saeLensWeights: [(name: String, tensor: Tensor)] {
    var weights = [("W_enc", encoderWeight), ("W_dec", decoderWeight), ("b_dec", decoderBias)]
    if let gateBias, let magnitudeScale {
      weights += [("b_gate", gateBias), ("b_mag", encoderBias), ("r_mag", magnitudeScale)]
    } else {
      weights.append(("b_enc", encoderBias))
    }
    if let thresholds { weights.append(("threshold", thresholds)) }
    return weights
  }

  /// Saves the autoencoder in a folder, which is made if it is not there, so that SAELens reads it.
  ///
  /// What only training needs is not kept: tying, how weights started, k of a BatchTopK, a JumpReLU's bandwidth.
  public func save(to folder: String) throws(CheckpointError) {
    let url = URL(filePath: folder)
    let file = url.appending(path: Self.configurationFile)
    do {
      try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    } catch {
      throw CheckpointError(file: folder, reason: "the folder cannot be made: \(error)")
    }
    try SafetensorsFile.write(saeLensWeights, to: url.appending(path: Self.weightsFile).path)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    do {
      try encoder.encode(SAELensKeys(configuration)).write(to: file, options: .atomic)
    } catch {
      throw CheckpointError(file: file.path, reason: "cannot be written: \(error)")
    }
  }

  /// Reads an autoencoder that SAELens or `save(to:)` has written.
  ///
  /// The dictionary's vectors are taken as they are; `decoderNorm` is `unit` if they all have unit length. A decoder
  /// bias that is not subtracted is `output`, even if it is zero.
  ///
  /// - Throws: When a file is missing or broken, a tensor has another shape than `cfg.json` says, or the architecture or
  ///   a normalisation of activations is not known here.
  public init(folder: String) throws(CheckpointError) {
    let url = URL(filePath: folder)
    let file = url.appending(path: Self.configurationFile).path
    let keys: SAELensKeys
    do {
      keys = try JSONDecoder().decode(SAELensKeys.self, from: Data(contentsOf: URL(filePath: file)))
    } catch {
      throw CheckpointError(file: file, reason: "is not a configuration of SAELens: \(error)")
    }
    func refuse(_ reason: String) -> CheckpointError { CheckpointError(file: file, reason: reason) }
    if let problem = keys.problem { throw refuse(problem) }

    let checkpoint = try Checkpoint(at: url.appending(path: Self.weightsFile).path)
    let (inputs, latents) = (keys.d_in, keys.d_sae)
    func weight(_ name: String, _ shape: [Int]) throws(CheckpointError) -> Tensor {
      let tensor = try checkpoint.tensor(name)
      guard tensor.shape == shape else {
        throw CheckpointError(
          file: checkpoint.path, reason: "tensor '\(name)' has the shape \(tensor.shape) where cfg.json says \(shape)")
      }
      return tensor
    }
    let decoder = try weight("W_dec", [latents, inputs])
    let isUnit = decoder.norm(axis: 1).elements.allSatisfy { abs($0 - 1) < 1e-5 }
    if keys.rescale_acts_by_decoder_norm == true, !isUnit {
      throw refuse("rescale_acts_by_decoder_norm is true and the vectors of W_dec have not unit length")
    }
    let activation: Activation
    switch keys.kind {
    case .topk: activation = .topK(keys.largest ?? 0)
    case .jumprelu: activation = .jumpReLU()
    case .gated: activation = .gated
    case .standard, nil: activation = .relu
    }
    let isGated = activation == .gated
    let thresholds = keys.kind == .jumprelu ? try weight("threshold", [latents]).map { max($0, 0) } : nil
    self.init(
      Configuration(
        inputs: inputs, latents: latents, activation: activation,
        decoderBias: keys.apply_b_dec_to_input == false ? .output : .preEncoder, decoderNorm: isUnit ? .unit : .free),
      encoderWeight: try weight("W_enc", [inputs, latents]),
      encoderBias: try weight(isGated ? "b_mag" : "b_enc", [latents]), decoderWeight: decoder,
      decoderBias: try weight("b_dec", [inputs]), gateBias: isGated ? try weight("b_gate", [latents]) : nil,
      magnitudeScale: isGated ? try weight("r_mag", [latents]) : nil, thresholds: thresholds)
  }

  private static let configurationFile = "cfg.json"
  private static let weightsFile = "sae_weights.safetensors"
}

/// The keys of SAELens's cfg.json that decide what an autoencoder computes.
private struct SAELensKeys: Codable {
  enum Architecture: String { case standard, topk, jumprelu, gated }
  struct Arguments: Codable { var k: Int? }

  var architecture: String?
  var d_in, d_sae: Int
  var dtype: String? = "float32"
  var device: String? = "cpu"
  var apply_b_dec_to_input: Bool?
  var normalize_activations: String? = "none"
  var reshape_activations: String? = "none"
  var k: Int?
  var rescale_acts_by_decoder_norm: Bool?
  /// Before SAELens 6 TopK was a standard autoencoder with another activation function.
  var activation_fn, activation_fn_str: String?
  var activation_fn_kwargs: Arguments?

  enum CodingKeys: String, CodingKey {
    case architecture, d_in, d_sae, dtype, device, apply_b_dec_to_input, normalize_activations, reshape_activations, k
    case rescale_acts_by_decoder_norm, activation_fn, activation_fn_str, activation_fn_kwargs
  }

  init(_ configuration: SparseAutoencoder.Configuration) {
    (d_in, d_sae) = (configuration.inputs, configuration.latents)
    apply_b_dec_to_input = configuration.decoderBias == .preEncoder
    switch configuration.activation {
    case .relu: architecture = Architecture.standard.rawValue
    case .topK(let count):
      architecture = Architecture.topk.rawValue
      (k, rescale_acts_by_decoder_norm) = (count, false)
    case .batchTopK, .jumpReLU: architecture = Architecture.jumprelu.rawValue
    case .gated: architecture = Architecture.gated.rawValue
    }
  }

  private var function: String { activation_fn_str ?? activation_fn ?? "relu" }
  /// How many latents a TopK keeps.
  var largest: Int? { k ?? activation_fn_kwargs?.k }
  /// Nil for an architecture that is not known.
  var kind: Architecture? { function == "topk" ? .topk : Architecture(rawValue: architecture ?? "standard") }

  /// Why these keys describe nothing that is computed here; nil if all is well.
  var problem: String? {
    guard d_in > 0, d_sae > 0 else { return "d_in is \(d_in) and d_sae is \(d_sae); positive sizes were expected" }
    guard let kind else {
      return "the architecture is '\(architecture ?? "")'; standard, topk, jumprelu or gated was expected"
    }
    if kind == .topk {
      guard let largest, largest > 0, largest <= d_sae else {
        return "k is \(largest.map(String.init) ?? "not given"); a number from 1 to \(d_sae) was expected"
      }
    } else if function != "relu" {
      return "the activation function is '\(function)'; relu or topk was expected"
    }
    for (key, value) in [
      ("normalize_activations", normalize_activations), ("reshape_activations", reshape_activations),
    ] {
      if let value, value != "none" { return "\(key) is '\(value)'; only 'none' is computed here" }
    }
    return nil
  }
}
