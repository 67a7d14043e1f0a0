// Products of a few rows with a large matrix, for which BLAS has no good way: its matrix product copies the matrix into
// another order first, three times the traffic of reading it once, and its matrix-vector product takes one row.
//
// Here the matrix is read once, in the order in which it lies in memory, and ahead of its use. Every element of the
// result is summed in an order that depends on the inner extent alone. The loops are written once, on vectors of sixteen
// floats, and compiled for the two instruction sets that make them worth having; this is why they are C, where a
// function can be compiled for more than the plain x86-64 that the package is built for.
#ifndef REPLICATIONS_FEW_ROWS_H
#define REPLICATIONS_FEW_ROWS_H

#if defined(__x86_64__)
#include <stddef.h>

#define FEW_ROWS_INLINE static inline __attribute__((always_inline))

typedef float few_rows_vector __attribute__((vector_size(64), aligned(4)));

enum {
  /// Rows of the matrix that are taken together: their lines of sixteen columns stay in the first-level cache.
  few_rows_depth = 32,
  /// Columns between the line in use and the one that is fetched meanwhile.
  few_rows_ahead = 48,
};

/// What the vectors' lanes add up to.
FEW_ROWS_INLINE float few_rows_total(const few_rows_vector *vector) {
  float sums[8];
#pragma clang loop unroll(full)
  for (int lane = 0; lane < 8; lane++) sums[lane] = (*vector)[lane] + (*vector)[lane + 8];
  return ((sums[0] + sums[4]) + (sums[2] + sums[6])) + ((sums[1] + sums[5]) + (sums[3] + sums[7]));
}

/// c[rows, 16] += x[rows, depth] · w[depth, 16]; with `adds` zero, the old content of c does not matter.
FEW_ROWS_INLINE void few_rows_tile(const int rows, ptrdiff_t depth, const float *x, ptrdiff_t ldx, const float *w,
                                   ptrdiff_t ldw, float *c, ptrdiff_t ldc, int adds) {
  few_rows_vector sums[16];
#pragma clang loop unroll(full)
  for (int row = 0; row < rows; row++) sums[row] = (few_rows_vector){0};
  for (ptrdiff_t k = 0; k < depth; k++) {
    const few_rows_vector line = *(const few_rows_vector *)(w + k * ldw);
    __builtin_prefetch(w + k * ldw + few_rows_ahead);
#pragma clang loop unroll(full)
    for (int row = 0; row < rows; row++) sums[row] += x[row * ldx + k] * line;
  }
#pragma clang loop unroll(full)
  for (int row = 0; row < rows; row++) {
    few_rows_vector *target = (few_rows_vector *)(c + row * ldc);
    *target = adds ? *target + sums[row] : sums[row];
  }
}

/// c[rows, lines] += x[rows, inner] · w[lines, inner]ᵀ; with `adds` zero, the old content of c does not matter.
FEW_ROWS_INLINE void few_rows_dots(const int rows, const int lines, ptrdiff_t inner, const float *x, ptrdiff_t ldx,
                                   const float *w, ptrdiff_t ldw, float *c, ptrdiff_t ldc, int adds) {
  few_rows_vector sums[16];
#pragma clang loop unroll(full)
  for (int each = 0; each < rows * lines; each++) sums[each] = (few_rows_vector){0};
  ptrdiff_t k = 0;
  for (; k + 16 <= inner; k += 16) {
#pragma clang loop unroll(full)
    for (int line = 0; line < lines; line++) {
      const few_rows_vector weights = *(const few_rows_vector *)(w + line * ldw + k);
      __builtin_prefetch(w + (line + 2 * lines) * ldw + k);
#pragma clang loop unroll(full)
      for (int row = 0; row < rows; row++) {
        sums[row * lines + line] += *(const few_rows_vector *)(x + row * ldx + k) * weights;
      }
    }
  }
#pragma clang loop unroll(full)
  for (int row = 0; row < rows; row++) {
#pragma clang loop unroll(full)
    for (int line = 0; line < lines; line++) {
      float sum = few_rows_total(&sums[row * lines + line]);
      for (ptrdiff_t rest = k; rest < inner; rest++) sum += x[row * ldx + rest] * w[line * ldw + rest];
      float *target = c + row * ldc + line;
      *target = adds ? *target + sum : sum;
    }
  }
}

/// Calls CALL(n) with the constant n that a number below sixteen is.
#define FEW_ROWS_SWITCH(number, CALL) \
  switch (number) { \
    case 1: CALL(1); break; \
    case 2: CALL(2); break; \
    case 3: CALL(3); break; \
    case 4: CALL(4); break; \
    case 5: CALL(5); break; \
    case 6: CALL(6); break; \
    case 7: CALL(7); break; \
    case 8: CALL(8); break; \
    case 9: CALL(9); break; \
    case 10: CALL(10); break; \
    case 11: CALL(11); break; \
    case 12: CALL(12); break; \
    case 13: CALL(13); break; \
    case 14: CALL(14); break; \
    case 15: CALL(15); break; \
    default: break; \
  }

/// One line of tiles: all rows, so many at once as there are registers for.
FEW_ROWS_INLINE void few_rows_tiles(const int group, ptrdiff_t rows, ptrdiff_t depth, const float *x, ptrdiff_t ldx,
                                    const float *w, ptrdiff_t ldw, float *c, ptrdiff_t ldc, int adds) {
  ptrdiff_t row = 0;
#define FEW_ROWS_TILE(n) few_rows_tile(n, depth, x + row * ldx, ldx, w, ldw, c + row * ldc, ldc, adds)
  for (; row + group <= rows; row += group) FEW_ROWS_TILE(group);
#define FEW_ROWS_REST(n) if (n < group) FEW_ROWS_TILE(n)
  FEW_ROWS_SWITCH(rows - row, FEW_ROWS_REST)
#undef FEW_ROWS_REST
#undef FEW_ROWS_TILE
}

/// c[rows, columns] += x[rows, inner] · w[inner, columns]
FEW_ROWS_INLINE void few_rows_product(const int group, ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t inner,
                                      const float *x, ptrdiff_t ldx, const float *w, ptrdiff_t ldw, float *c,
                                      ptrdiff_t ldc, int adds) {
  const ptrdiff_t whole = columns / 16 * 16, rest = columns - whole;
  for (ptrdiff_t k = 0; k < inner; k += few_rows_depth) {
    const ptrdiff_t depth = inner - k < few_rows_depth ? inner - k : few_rows_depth;
    const int continues = adds || k > 0;
    for (ptrdiff_t column = 0; column < whole; column += 16) {
      few_rows_tiles(group, rows, depth, x + k, ldx, w + k * ldw + column, ldw, c + column, ldc, continues);
    }
    if (rest == 0) continue;
    // The last columns are not a whole vector: they are widened, so that their sums are made in the same order.
    float lines[few_rows_depth * 16] = {0}, tile[16 * 16];
    for (ptrdiff_t row = 0; row < depth; row++) {
      for (ptrdiff_t column = 0; column < rest; column++) {
        lines[row * 16 + column] = w[(k + row) * ldw + whole + column];
      }
    }
    for (ptrdiff_t first = 0; first < rows; first += 16) {
      const ptrdiff_t count = rows - first < 16 ? rows - first : 16;
      few_rows_tiles(group, count, depth, x + first * ldx + k, ldx, lines, 16, tile, 16, 0);
      for (ptrdiff_t row = 0; row < count; row++) {
        for (ptrdiff_t column = 0; column < rest; column++) {
          float *target = c + (first + row) * ldc + whole + column;
          *target = continues ? *target + tile[row * 16 + column] : tile[row * 16 + column];
        }
      }
    }
  }
}

/// c[rows, columns] += x[rows, inner] · w[columns, inner]ᵀ
FEW_ROWS_INLINE void few_rows_transposed_product(const int group, ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t inner,
                                                 const float *x, ptrdiff_t ldx, const float *w, ptrdiff_t ldw,
                                                 float *c, ptrdiff_t ldc, int adds) {
  for (ptrdiff_t column = 0; column < columns; column += 2) {
    const int lines = columns - column < 2 ? 1 : 2;
    for (ptrdiff_t row = 0; row < rows;) {
      const ptrdiff_t count = rows - row < group ? rows - row : group;
#define FEW_ROWS_DOTS(n) \
  if (n > group) { \
  } else if (lines == 2) { \
    few_rows_dots(n < 8 ? n : 8, 2, inner, x + row * ldx, ldx, w + column * ldw, ldw, c + row * ldc + column, ldc, adds); \
  } else { \
    few_rows_dots(n < 8 ? n : 8, 1, inner, x + row * ldx, ldx, w + column * ldw, ldw, c + row * ldc + column, ldc, adds); \
  }
      FEW_ROWS_SWITCH(count, FEW_ROWS_DOTS)
#undef FEW_ROWS_DOTS
      row += count;
    }
  }
}

#undef FEW_ROWS_SWITCH

/// Computes `c[rows, columns]` as the product of `x[rows, inner]` and `w[inner, columns]`, or of `w[columns, inner]`
/// transposed, on a processor with AVX-512; `adds` says whether it is added to what c holds.
__attribute__((target("avx512f"))) static inline void few_rows_avx512(
    int transposed, ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t inner, const float *x, ptrdiff_t ldx, const float *w,
    ptrdiff_t ldw, float *c, ptrdiff_t ldc, int adds) {
  if (transposed) {
    few_rows_transposed_product(8, rows, columns, inner, x, ldx, w, ldw, c, ldc, adds);
  } else {
    few_rows_product(16, rows, columns, inner, x, ldx, w, ldw, c, ldc, adds);
  }
}

/// The same on a processor with AVX2 and fused multiplication and addition.
__attribute__((target("avx2,fma"))) static inline void few_rows_avx2(
    int transposed, ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t inner, const float *x, ptrdiff_t ldx, const float *w,
    ptrdiff_t ldw, float *c, ptrdiff_t ldc, int adds) {
  if (transposed) {
    few_rows_transposed_product(3, rows, columns, inner, x, ldx, w, ldw, c, ldc, adds);
  } else {
    few_rows_product(6, rows, columns, inner, x, ldx, w, ldw, c, ldc, adds);
  }
}

#undef FEW_ROWS_INLINE
#endif

#endif
