// The metrics that claims are read from, on cases that can be done by hand.

import Foundation
import Tensors
import Testing
import ToyModels

@testable import Replications

@Suite("Metrics of recovery") struct RecoveryMetricTests {
  private let small = Tensor([1, 0], [1, 2])
  private let medium = Tensor([0.6, 0.8, 0, -1], [2, 2])
  private let large = Tensor([0, 1, 0.8, 0.6, -1, 0], [3, 2])

  @Test("A dictionary's agreement is with larger ones, never with itself")
  func agreement() throws {
    let agreements = Recovery.agreements(of: [small, medium, large], with: [small, medium, large])
    #expect(abs(try #require(agreements[0]) - (0.6 + 0.8) / 2) < 1e-6)
    // (0.6, 0.8) is nearest to (0.8, 0.6); (0, −1) has nothing on its side.
    #expect(abs(try #require(agreements[1]) - (0.96 + 0) / 2) < 1e-6)
    #expect(agreements[2] == nil)
  }

  @Test("The largest cosine keeps its sign: a vector that points the other way is no match")
  func sign() {
    let truth = Tensor([0, 2], [1, 2])
    #expect(abs(largestCosines(of: truth, in: Tensor([0, -1, 0.6, 0.8], [2, 2]))[0] - 0.8) < 1e-6)
    #expect(abs(largestCosines(of: truth, in: Tensor([0, -1], [1, 2]))[0] + 1) < 1e-6)
  }

  @Test("A ridge is as high as it is above the better of its ends")
  func ridge() {
    #expect(abs(Recovery.ridge([0.4, 0.9, 0.7]) - 0.2) < 1e-12)
    #expect(Recovery.ridge([0.4, 0.5, 0.9]) == 0)
  }

  @Test("The share above a threshold leaves the threshold out")
  func share() { #expect(Recovery.share(of: [0.9, 0.91, 0.2, 1], above: 0.9) == 0.5) }

  @Test("Latents that resemble are counted for each vector of the small dictionary")
  func resembling() {
    #expect(abs(FeatureSplitting.resembling(small, among: large) - 1) < 1e-12)
    #expect(abs(FeatureSplitting.resembling(medium, among: large) - 1) < 1e-12)
  }

  @Test("Families share a direction: members have a cosine of 0.8 with it, and centres lie amid them")
  func families() {
    let (members, centres) = FeatureSplitting.familyDirections(using: RandomStream(seed: 1))
    #expect(members.shape == [48, 32] && centres.shape == [12, 32])
    for norm in members.norm(axis: 1).elements { #expect(abs(norm - 1) < 1e-5) }
    let cosines = members.matmul(members, transposingOther: true)
    let siblings = (0..<48).flatMap { i in (0..<i).filter { $0 / 4 == i / 4 }.map { Double(cosines[i, $0]) } }
    #expect(abs(mean(siblings) - 0.64) < 0.03)
    for member in 0..<48 {
      let cosine = members.slice(axis: 0, at: member).dot(centres.slice(axis: 0, at: member / 4))
      #expect(cosine > 0.78 && cosine < 0.92)
    }
  }

  @Test("The probability of a more frequent feature is one when a threshold decides, and one half when nothing does")
  func probability() {
    let frequencies = [0.4, 0.3, 0.2, 0.1]
    func probability(_ has: [Bool]) -> Double { Completeness.probabilityOfMoreFrequent(frequencies, has: has) }
    #expect(probability([true, true, false, false]) == 1)
    #expect(probability([false, false, true, true]) == 0)
    #expect(probability([true, false, false, true]) == 0.5)
    #expect(Completeness.probabilityOfMoreFrequent([0.2, 0.2], has: [true, false]) == 0.5)
    #expect(probability([true, true, true, true]).isNaN)
  }

  @Test("The threshold is the frequency of the n-th most frequent feature where n are found")
  func threshold() {
    let frequencies = [0.1, 0.4, 0.2, 0.3]
    #expect(Completeness.threshold(frequencies, has: [false, true, true, true]) == 0.2)
    #expect(Completeness.threshold(frequencies, has: [false, true, false, false]) == 0.4)
    #expect(Completeness.threshold(frequencies, has: [false, false, false, false]) == 0.4)
  }

  @Test("A factor, and a decoder, that suit other samples undo what is wrong by a factor, and by a matrix")
  func fittedAnew() throws {
    var stream = RandomStream(seed: 1)
    // Latents are the positive and the negative parts of inputs.
    let both = Tensor.concatenated([.identity(3), -.identity(3)], axis: 1)
    func autoencoder(_ dictionary: Tensor) -> SparseAutoencoder {
      SparseAutoencoder(
        .init(inputs: 3, latents: 6, decoderBias: .none, decoderNorm: .free), encoderWeight: both,
        decoderWeight: both.transposed().matmul(dictionary))
    }
    let (others, samples) = (stream.normal([50, 3]), stream.normal([40, 3]))
    let (shrunk, mixed) = (autoencoder(.identity(3) * 0.5), autoencoder(stream.normal([3, 3])))
    #expect(TopKAgainstL1.rescaled(shrunk, others, scoring: samples) < 1e-10)
    #expect(TopKAgainstL1.rescaled(mixed, others, scoring: samples) > 0.1)
    #expect(try TopKAgainstL1.redecoded(mixed, others, scoring: samples) < 1e-10)
    // Not by what suits the samples themselves.
    #expect(
      TopKAgainstL1.rescaled(mixed, others, scoring: samples) > TopKAgainstL1.rescaled(mixed, samples, scoring: samples)
    )
  }

  @Test("Between two sparsities values are interpolated in log L0, and not beyond them")
  func interpolation() {
    let points = [(l0: 4.0, value: 0.2), (l0: 1.0, value: 0.6)]
    #expect(abs(TopKAgainstL1.interpolated(points, at: 2) - 0.4) < 1e-12)
    #expect(abs(TopKAgainstL1.interpolated(points, at: 4) - 0.2) < 1e-12)
    #expect(TopKAgainstL1.interpolated(points, at: 0.5).isNaN)
    #expect(TopKAgainstL1.interpolated(points, at: 5).isNaN)
  }
}
