// A circuit: some heads and MLPs of a model, in classes, and where each acts.

import Tensors

/// Some of the heads and MLPs of a model.
public struct Circuit: Sendable, Equatable {
  /// Some parts that do the same.
  public struct Class: Sendable, Equatable {
    /// What they do.
    public let name: String
    /// The parts.
    public let nodes: [Writer]

    /// Creates a class of parts.
    public init(_ name: String, _ nodes: [Writer]) {
      self.name = name
      self.nodes = nodes
    }
  }

  /// The parts, class by class.
  public let classes: [Class]

  /// Where a part acts; everywhere unless it is here. Elsewhere it is knocked out like what is not in the circuit.
  public let positions: [Writer: PositionChoice]

  /// Creates a circuit from its classes; a part may be in one only.
  public init(classes: [Class], positions: [Writer: PositionChoice] = [:]) {
    let nodes = classes.flatMap(\.nodes)
    precondition(Set(nodes).count == nodes.count, "a part is in two classes of a circuit, or twice in one")
    precondition(!nodes.contains(.embed), "the embedding is no part of a circuit: nothing is left without it")
    self.classes = classes
    self.positions = positions
  }

  /// Creates a circuit of one class.
  public init(_ nodes: [Writer], positions: [Writer: PositionChoice] = [:]) {
    self.init(classes: [Class("circuit", nodes)], positions: positions)
  }

  /// The parts, in the order of their classes.
  public var nodes: [Writer] { classes.flatMap(\.nodes) }
}

/// How much of a model's behaviour a circuit has when everything else is knocked out.
public struct Faithfulness: Sendable {
  /// The metric of each example in the model, F(M).
  public let model: [Float]
  /// The metric of each example in the circuit alone, F(C).
  public let circuit: [Float]
  /// The metric of each example when everything is knocked out, F(∅).
  public let nothing: [Float]

  /// |F(M) − F(C)|, on average over examples first: what Wang et al. call faithfulness, small when good.
  public var difference: Float { (average(model) - average(circuit)).magnitude }

  /// F(C)/F(M), near 1 when good.
  public var ratio: Float { average(circuit) / average(model) }

  /// (F(C) − F(∅))/(F(M) − F(∅)), near 1 when good: the share of what knocking everything out destroys.
  public var recovered: Float {
    (average(circuit) - average(nothing)) / (average(model) - average(nothing))
  }
}

/// What is left of circuit and model when the same parts are knocked out of both.
public struct Incompleteness: Sendable {
  /// The class that was knocked out, or how else the parts were chosen.
  public let name: String
  /// What was knocked out, K.
  public let removed: [Writer]
  /// The mean metric of the circuit without it, F(C∖K).
  public let circuit: Float
  /// The mean metric of the model without it, F(M∖K).
  public let model: Float

  /// |F(C∖K) − F(M∖K)|: large where the circuit lacks something that the model falls back on.
  public var difference: Float { (circuit - model).magnitude }
}

/// What one part matters in a circuit from which others are missing already.
public struct Minimality: Sendable {
  /// The part, v.
  public let node: Writer
  /// What is missing already, K.
  public let removed: [Writer]
  /// The mean metric of the circuit without the others, F(C∖K).
  public let with: Float
  /// The mean metric when the part is missing too, F(C∖(K∪{v})).
  public let without: Float
  /// The mean metric of the whole model, F(M).
  public let model: Float

  /// |F(C∖(K∪{v})) − F(C∖K)|.
  public var change: Float { (without - with).magnitude }

  /// The change as a part of F(M).
  public var fraction: Float { change / model.magnitude }
}

/// The mean of some numbers.
func average(_ values: [Float]) -> Float { Tensor(values, [values.count]).mean() }
