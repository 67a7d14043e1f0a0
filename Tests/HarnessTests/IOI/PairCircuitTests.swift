// The knock-outs of a model of names in which only one head writes.

import Tensors
import Testing
import Transformer

@testable import Replications

@Suite("The circuit of a model of names") struct PairCircuitTests {
  @Test("the head that writes answers, and random others are none of those that answer")
  func knockOuts() throws {
    let task = NameTask(names: 8)
    let sequences = task.all(of: task.pairs)
    let sizes = NameModel(layers: 2, heads: 4, width: 16, headWidth: 4, names: 8, weightDecay: 0, steps: 0)
    var model = HookedTransformer(sizes.configuration, initializedFrom: RandomStream(seed: 1), biases: false)
    let writes = model.blocks[1].attn.W_O.slice(axis: 0, 0..<4)
    let silent = Tensor(zeros: [12, 16])
    model.blocks[0].attn.W_O = Tensor(zeros: [16, 16])
    model.blocks[1].attn.W_O = Tensor.concatenated([writes, silent], axis: 0)
    if try NameScores(of: model, on: sequences).logitDifference < 0 {
      model.blocks[1].attn.W_O = Tensor.concatenated([writes * -1, silent], axis: 0)
    }
    let trained = NameModel.Trained(initial: model, model: model, loss: 0, curve: [])
    let different = task.differentNames(sequences.count, RandomStream(seed: 2))
    let circuit = try PairCircuit(of: trained, "2L4H", sequences, different, random: RandomStream(seed: 3))
    #expect(circuit.logitDifference > 0 && circuit.answering == [4] && circuit.leadingIndex == 4)
    #expect(circuit.pathPatchingError < 1e-4)
    #expect(circuit.withoutAnswering < 0.5)
    #expect(circuit.randomHeads == 1 && circuit.withoutRandom.count == PairCircuit.draws)
    #expect(circuit.withoutRandom.allSatisfy { abs($0 - 1) < 1e-4 })
  }
}
