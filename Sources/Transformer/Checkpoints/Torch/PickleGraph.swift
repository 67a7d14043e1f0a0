// What a pickle says, as plain data: nodes in one list that refer to each other by their places.
//
// References are numbers and not objects, so that nothing is ever walked recursively, not even when memory is freed:
// a few megabytes of nested tuples would otherwise exhaust any stack.

/// The values that a pickle describes.
struct PickleGraph {
  /// The place of a node in the list.
  typealias Reference = Int

  /// A value.
  enum Node {
    case none
    case bool(Bool)
    case integer(Int)
    /// An integer that needs more than 64 bits, in two's complement, little-endian.
    case longInteger([UInt8])
    case double(Double)
    case string(String)
    case tuple([Reference])
    case list([Reference])
    /// Entries in the order they were set; Python's `dict` and `OrderedDict`.
    case dictionary([Entry])
    /// The name of something in Python: inert, never looked up.
    case global(PickleGlobal)
    /// The place of a storage in the list of storages.
    case storage(Int)
    /// The place of a tensor in the list of tensors.
    case tensor(Int)
    /// Something that tensors do not depend on, as a device.
    case inert
  }

  /// A key and a value of a dictionary.
  struct Entry {
    let key: Reference
    let value: Reference
  }

  /// A block of memory that tensors share.
  struct Storage {
    /// Its name in the file.
    let key: String
    /// The type of its elements; nil for one that counts bytes.
    let type: ElementType?
    /// The number of its elements.
    let count: Int
  }

  /// A view of a storage.
  struct StoredTensor {
    let storage: Int
    let type: ElementType
    let layout: StridedLayout
  }

  var nodes: [Node] = []
  var storages: [Storage] = []
  var tensors: [StoredTensor] = []

  /// The value that the pickle stands for.
  var root: Reference = 0

  /// The text of a string node, or nil for another.
  func string(_ reference: Reference) -> String? {
    if case .string(let text) = nodes[reference] { text } else { nil }
  }

  /// The value of an integer node, or nil for another.
  func integer(_ reference: Reference) -> Int? {
    if case .integer(let value) = nodes[reference] { value } else { nil }
  }

  /// The elements of a tuple or list node, or nil for another.
  func elements(_ reference: Reference) -> [Reference]? {
    switch nodes[reference] {
    case .tuple(let elements), .list(let elements): elements
    default: nil
    }
  }

  /// The sizes that a tuple or list node holds, or nil for another.
  func sizes(_ reference: Reference) -> [Int]? {
    guard let elements = elements(reference), elements.count <= 64 else { return nil }
    let sizes = elements.compactMap { integer($0) }
    return sizes.count == elements.count && sizes.allSatisfy { $0 >= 0 } ? sizes : nil
  }

  /// The entries of a dictionary node, or nil for another.
  func entries(_ reference: Reference) -> [Entry]? {
    if case .dictionary(let entries) = nodes[reference] { entries } else { nil }
  }
}

/// The names of Python that a checkpoint may hold; each stands for itself and is never imported or called.
enum PickleGlobal: Equatable {
  case orderedDictionary
  case rebuildTensor
  case rebuildTensorV2
  case rebuildTensorV3
  case rebuildParameter
  case size
  case device
  case storage(ElementType)
  case untypedStorage
  case type(ElementType)

  /// Recognises a name, or gives nil for one that is not on the list.
  init?(module: String, name: String) {
    switch (module, name) {
    case ("collections", "OrderedDict"): self = .orderedDictionary
    case ("torch._utils", "_rebuild_tensor"): self = .rebuildTensor
    case ("torch._utils", "_rebuild_tensor_v2"): self = .rebuildTensorV2
    case ("torch._utils", "_rebuild_tensor_v3"): self = .rebuildTensorV3
    case ("torch._utils", "_rebuild_parameter"): self = .rebuildParameter
    case ("torch", "Size"): self = .size
    case ("torch", "device"): self = .device
    case ("torch.storage", "UntypedStorage"): self = .untypedStorage
    default:
      if module == "torch", let type = Self.storages[name] {
        self = .storage(type)
      } else if module == "torch", let type = Self.types[name] {
        self = .type(type)
      } else {
        return nil
      }
    }
  }

  private static let storages: [String: ElementType] = [
    "FloatStorage": .f32, "DoubleStorage": .f64, "HalfStorage": .f16, "BFloat16Storage": .bf16, "LongStorage": .i64,
    "IntStorage": .i32, "ShortStorage": .i16, "CharStorage": .i8, "ByteStorage": .u8, "BoolStorage": .bool,
    "ComplexFloatStorage": .c64,
  ]

  private static let types: [String: ElementType] = [
    "float32": .f32, "float64": .f64, "float16": .f16, "bfloat16": .bf16, "int64": .i64, "int32": .i32, "int16": .i16,
    "int8": .i8, "uint8": .u8, "bool": .bool, "uint16": .u16, "uint32": .u32, "uint64": .u64, "complex64": .c64,
    "float8_e4m3fn": .f8E4M3, "float8_e5m2": .f8E5M2, "float8_e4m3fnuz": .f8E4M3FNUZ, "float8_e5m2fnuz": .f8E5M2FNUZ,
    "float8_e8m0fnu": .f8E8M0,
  ]
}
