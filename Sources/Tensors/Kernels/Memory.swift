// Access to the memory of several tensors at once, for kernels that write through BLAS.

/// What an empty product leaves: zeros where nothing was before.
func clear(_ buffer: UnsafeMutableBufferPointer<Float>, _ beta: Float) {
  if beta == 0 { buffer.update(repeating: 0) }
}

/// Calls a closure with the memory of tensors, none of which is empty.
func withPointers(_ a: Tensor, _ b: Tensor, _ body: (UnsafePointer<Float>, UnsafePointer<Float>) -> Void) {
  a.withUnsafeElements { a in
    b.withUnsafeElements { b in
      guard let a = a.baseAddress, let b = b.baseAddress else { return }
      body(a, b)
    }
  }
}

/// Calls a closure with the memory of three tensors, none of which is empty.
func withPointers(
  _ a: Tensor, _ b: Tensor, _ c: Tensor,
  _ body: (UnsafePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>) -> Void
) {
  withPointers(a, b) { a, b in
    c.withUnsafeElements { c in
      guard let c = c.baseAddress else { return }
      body(a, b, c)
    }
  }
}
