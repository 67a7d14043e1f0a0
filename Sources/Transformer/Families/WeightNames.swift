// Where a family keeps its weights: the names of its tensors, and how their axes are to be read.
//
// This is data, so that one reader serves all families and a family is a short list of what is special about it.

/// The names of a family's tensors, without `.weight` and `.bias`, and what is to be known to read them.
struct WeightNames {
  /// How queries, keys and values are stored.
  enum QueriesKeysValues {
    /// Three layers.
    case separate(q: String, k: String, v: String)
    /// One layer with all queries, then all keys, then all values.
    case joined(String)
    /// One layer with the query, the key and the value of one head after the other.
    case joinedByHead(String)
  }

  /// What names of the body may begin with; which of them is in the file depends on what saved it.
  var prefixes = [""]
  /// The token embedding.
  var embedding: String
  /// The position vectors, and how many of their first rows stand for no position.
  var positions: (name: String, skippedRows: Int)?
  /// What the names of a block begin with, before its number.
  var block: String
  /// The normalisation before attention.
  var ln1: String
  /// The normalisation before the MLP; the same as `ln1` where both read the same.
  var ln2: String
  /// The normalisations after attention and MLP, where there are any.
  var post: (ln1: String, ln2: String)?
  /// Queries, keys and values.
  var queriesKeysValues: QueriesKeysValues
  /// The normalisations of queries and keys in each head, where there are any.
  var headNorms: (q: String, k: String)?
  /// The output of attention.
  var output: String
  /// The first layer of the MLP; what the gate multiplies where there is one.
  var mlpIn: String
  /// The gate of the MLP.
  var mlpGate: String?
  /// The last layer of the MLP.
  var mlpOut: String
  /// The normalisation before the unembedding.
  var lnFinal: String
  /// The unembedding, under the names that it has had; not prefixed.
  var unembedding = ["lm_head"]

  /// Whether queries, keys and values have biases.
  var hasQueryKeyValueBiases = false
  /// Whether the output of attention has a bias.
  var hasOutputBias = false
  /// Whether the layers of the MLP have biases.
  var hasMLPBiases = false
  /// Whether the unembedding has a bias.
  var hasUnembeddingBias = false
  /// Whether matrices are `[inputs, outputs]`, as in GPT-2, rather than `[outputs, inputs]`.
  var isInputsFirst = false
  /// What is added to the stored factors of normalisations.
  var gainOffset: Float = 0
  /// The endings of names of tensors that are no weights: masks and tables that follow from the configuration.
  var ignoredEndings: [String] = []
}
