# All of nerva, by callPackage; the daemon and the command line alone are in passthru.
{
  lib,
  stdenv,
  buildGoModule,
  pkg-config,
  wrapGAppsHook4,
  clang,
  gobject-introspection,
  gtk4,
  gtk4-layer-shell,
  glib,
  gdk-pixbuf,
  graphene,
  cairo,
  pango,
  librsvg,
  bubblewrap,
  grim,
  libqalculate,
  tesseract,
  wireplumber,
  xdg-utils,
  version ? lib.fileContents ../VERSION,
}:
let
  linked = [
    "-s"
    "-w"
    "-X main.version=${version}"
    # Where the helper programs are, whatever PATH says.
    "-X nerva/core/desk.folders=${
      lib.makeBinPath [
        bubblewrap
        grim
        libqalculate
        tesseract
        wireplumber
        xdg-utils
      ]
    }"
  ];

  meta = mainProgram: description: {
    inherit description mainProgram;
    license = lib.licenses.mit;
    platforms = [
      "x86_64-linux"
      "aarch64-linux"
    ];
  };

  # What every package has; dev/install knows what belongs to it and where that lies.
  build =
    args:
    buildGoModule (
      {
        inherit version;
        src = import ./source.nix lib;
        vendorHash = lib.fileContents ./vendor-hash;
        strictDeps = true;
        ldflags = linked;
        env.CGO_ENABLED = 0;
        # They need a session bus and a desktop: `make test`.
        doCheck = false;
      }
      // args
    );

  # A command that is of use alone, without GTK.
  alone =
    pname: description:
    build {
      inherit pname;
      subPackages = [ "cmd/${pname}" ];
      postInstall = ''
        PREFIX=$out bash dev/install --data ${pname}
      '';
      meta = meta pname description;
    };

  linkedAs = flags: "-ldflags '${toString (linked ++ flags)}'";
in
# One prefix for all: nerva-ui looks for nerva beside it, and nerva for the overlay in ../libexec.
build {
  pname = "nerva";
  subPackages = [ "cmd/nerva-overlay" ];
  tags = [
    "netgo"
    "osusergo"
  ];
  env.CGO_ENABLED = 1;
  nativeBuildInputs = [
    clang
    gobject-introspection
    pkg-config
    wrapGAppsHook4
  ];
  buildInputs = [
    cairo
    gdk-pixbuf
    glib
    gobject-introspection
    graphene
    gtk4
    gtk4-layer-shell
    librsvg
    pango
  ];
  # gcc takes six times as long for gotk4. Not by env: the hooks of the default compiler come later.
  preBuild = ''
    export CC=clang
  '';
  # Without C, as the commands are built everywhere: nerva-ui must start at once.
  postBuild = ''
    export CGO_ENABLED=0
    go build ${linkedAs [ ]} -o "$GOPATH/bin/" ./cmd/nerva ./cmd/nervad
    go build ${linkedAs (lib.optional stdenv.hostPlatform.isx86_64 "-E start")} -o "$GOPATH/bin/" ./cmd/nerva-ui
  '';
  postInstall = ''
    install -D "$out/bin/nerva-overlay" -t "$out/libexec"
    rm "$out/bin/nerva-overlay"
    PREFIX=$out bash dev/install --data nerva nervad nerva-ui
  ''
  + lib.optionalString (stdenv.buildPlatform.canExecute stdenv.hostPlatform) ''
    PREFIX=$out bash dev/install --data completions
  '';
  # Only the overlay: a wrapper would take nerva-ui longer than all it does.
  dontWrapGApps = true;
  postFixup = ''
    wrapGApp "$out/libexec/nerva-overlay"
  '';
  passthru = {
    nerva = alone "nerva" "Resident AI desktop agent: the command line";
    nervad = alone "nervad" "Resident AI desktop agent: the daemon";
  };
  meta = meta "nerva" "Resident AI desktop agent and launcher for Wayland";
}
