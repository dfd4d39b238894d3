#ifndef SIAM_VERSION_H
#define SIAM_VERSION_H

/// The version, as in `siam 0.3.0`: changed here, with an entry in tutorials/changes.md.
const char *siam_version(void);
/// The commit that the binary was built from, with a plus where files were changed since; `unknown` where the build was not told.
const char *siam_commit(void);

#endif
