// The door to libarchive: archives are read and written through it and nowhere else.
#ifndef REPLICATIONS_CARCHIVE_SHIM_H
#define REPLICATIONS_CARCHIVE_SHIM_H

#include <archive.h>
#include <archive_entry.h>

// AE_IFREG casts, so Swift does not import it.
static const unsigned int CArchiveRegularFile = AE_IFREG;

#endif
