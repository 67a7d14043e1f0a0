// The numbers that SAELens reports, and the geometric median, beside PyTorch's.

import Tensors
import Testing
import ToyModels

@Suite("Metrics of sparse autoencoders")
struct SparseAutoencoderMetricsTests {
  typealias Numbers = SparseAutoencoderFixture.Numbers

  struct Fixture: Decodable {
    var x, output, latents: Numbers
    var metrics: [String: Numbers]
  }

  struct Median: Decodable { var points, median: Numbers }

  @Test("are PyTorch's, added at once or in parts")
  func values() throws {
    let fixture = try ReferenceNumbers.read("sparse-autoencoders/metrics", as: Fixture.self)
    func metrics(_ ranges: [Range<Int>]) -> SparseAutoencoderMetrics {
      var metrics = SparseAutoencoderMetrics(inputs: 4, latents: 7)
      for range in ranges {
        metrics.add(
          activations: fixture.x.tensor.slice(axis: 0, range), latents: fixture.latents.tensor.slice(axis: 0, range),
          reconstructions: fixture.output.tensor.slice(axis: 0, range))
      }
      return metrics
    }
    for metrics in [metrics([0..<30]), metrics([0..<11, 11..<30])] {
      let measured = [
        "explainedVariance": metrics.explainedVariance, "mse": metrics.mse,
        "meanSquaredError": metrics.meanSquaredError, "cossim": metrics.cossim,
        "l2Ratio": metrics.l2Ratio, "relativeReconstructionBias": metrics.relativeReconstructionBias, "l0": metrics.l0,
        "l1": metrics.l1,
      ]
      for (name, value) in measured {
        let expected = try #require(fixture.metrics[name]).values[0]
        #expect(abs(value - expected) < 2e-6 * max(1, expected), "\(name)")
      }
      let densities = try #require(fixture.metrics["featureDensity"]).values
      #expect(ReferenceNumbers.largestError(metrics.featureDensity.map(Float.init), densities) < 1e-6)
      #expect(abs(metrics.deadFraction - 1 / 7) < 1e-12)
      #expect(abs(metrics.fvu + metrics.explainedVariance - 1) < 1e-12)
      #expect(metrics.samples == 30)
    }
  }

  @Test("are those of what an autoencoder makes of activations")
  func ofAnAutoencoder() {
    var stream = RandomStream(seed: 1)
    let activations = stream.normal([50, 5])
    let autoencoder = SparseAutoencoder(.init(inputs: 5, latents: 9), using: stream)
    var metrics = SparseAutoencoderMetrics(inputs: 5, latents: 9)
    metrics.add(
      activations: activations, latents: autoencoder.encode(activations),
      reconstructions: autoencoder.reconstruct(activations))
    #expect(SparseAutoencoderMetrics(of: autoencoder, on: activations) == metrics)
  }

  @Test("score a splice between the ablated model and the clean one")
  func scores() {
    #expect(ceLossScore(clean: 2, spliced: 2, ablated: 6) == 1)
    #expect(ceLossScore(clean: 2, spliced: 6, ablated: 6) == 0)
    #expect(ceLossScore(clean: 2, spliced: 3, ablated: 6) == 0.75)
    #expect(klDivScore(spliced: 0, ablated: 5) == 1)
    #expect(klDivScore(spliced: 1, ablated: 5) == 0.8)
  }

  @Test("start from the geometric median, where the sum of distances is smallest")
  func median() throws {
    let fixture = try ReferenceNumbers.read("sparse-autoencoders/geometric-median", as: Median.self)
    let median = geometricMedian(of: fixture.points.tensor)
    #expect(ReferenceNumbers.largestError(median.elements, fixture.median.values) < 2e-5)
    let mean = fixture.points.tensor.mean(axis: 0)
    #expect(ReferenceNumbers.largestError(mean.elements, fixture.median.values) > 0.05)
    var autoencoder = SparseAutoencoder(.init(inputs: 4, latents: 2), using: RandomStream(seed: 1))
    autoencoder.centerDecoderBias(on: fixture.points.tensor)
    #expect(autoencoder.decoderBias == median)
  }

  @Test("survive a geometric median on a point")
  func medianOnAPoint() {
    let points = Tensor([0, 0, 1, 0, -1, 0, 0, 1, 0, -1], [5, 2])
    #expect(geometricMedian(of: points).magnitudes().maximum() < 1e-6)
    #expect(geometricMedian(of: Tensor([3, 4], [1, 2])) == Tensor([3, 4], [2]))
    #expect(
      geometricMedian(of: Tensor([1, 1, 1, 1, 1, 1, 9, 9], [4, 2])).isApproximatelyEqual(
        to: Tensor([1, 1], [2]), absolute: 1e-3))
  }
}
