# What the packages are built from: no test, no documentation, so that a change in those builds nothing anew.
lib:
let
  inherit (lib) fileset;
  untested = fileset.fileFilter (file: !lib.hasSuffix "_test.go" file.name);
in
fileset.toSource {
  root = ../.;
  fileset = fileset.unions [
    ../LICENSE
    ../VERSION
    ../assets
    (untested ../cmd)
    (untested ../core)
    ../dev/install
    ../go.mod
    ../go.sum
    (untested ../ui)
    (untested ../wayland)
  ];
}
