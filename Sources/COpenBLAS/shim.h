// The door to OpenBLAS: CBLAS as its header declares it, and the few Fortran LAPACK routines that analysis needs.
//
// Debian builds OpenBLAS without LAPACKE, so there is no lapacke.h; the Fortran symbols are in the library. Every
// argument is a pointer and every matrix is column-major.
#ifndef REPLICATIONS_COPENBLAS_SHIM_H
#define REPLICATIONS_COPENBLAS_SHIM_H

#include <cblas.h>

/// Singular value decomposition by divide and conquer.
void sgesdd_(const char *jobz, const int *m, const int *n, float *a, const int *lda, float *s, float *u,
             const int *ldu, float *vt, const int *ldvt, float *work, const int *lwork, int *iwork, int *info);

/// Eigenvalues and eigenvectors of a symmetric matrix by divide and conquer.
void ssyevd_(const char *jobz, const char *uplo, const int *n, float *a, const int *lda, float *w, float *work,
             const int *lwork, int *iwork, const int *liwork, int *info);

/// Eigenvalues and right eigenvectors of a general matrix.
void sgeev_(const char *jobvl, const char *jobvr, const int *n, float *a, const int *lda, float *wr, float *wi,
            float *vl, const int *ldvl, float *vr, const int *ldvr, float *work, const int *lwork, int *info);

/// Minimum-norm least squares by the singular value decomposition.
void sgelsd_(const int *m, const int *n, const int *nrhs, float *a, const int *lda, float *b, const int *ldb,
             float *s, const float *rcond, int *rank, float *work, const int *lwork, int *iwork, int *info);

#endif
