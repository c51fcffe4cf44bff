# All of nerva, by callPackage; its parts are in passthru.
{
  lib,
  stdenv,
  buildGoModule,
  symlinkJoin,
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
  tesseract,
  wl-clipboard,
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
        tesseract
        wl-clipboard
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

  # What every part has; dev/install knows what belongs to it and where that lies.
  part =
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
        postInstall = ''
          PREFIX=$out bash dev/install --data ${args.pname}
        '';
      }
      // args
    );

  nervad = part {
    pname = "nervad";
    subPackages = [ "cmd/nervad" ];
    meta = meta "nervad" "Resident AI desktop agent: the daemon";
  };

  nerva = part {
    pname = "nerva";
    subPackages = [ "cmd/nerva" ];
    postInstall = ''
      PREFIX=$out bash dev/install --data nerva
    ''
    + lib.optionalString (stdenv.buildPlatform.canExecute stdenv.hostPlatform) ''
      PREFIX=$out bash dev/install --data completions
    '';
    meta = meta "nerva" "Resident AI desktop agent: the command line";
  };

  # The overlay, and the command of the key binding, which is built as if there were no C: it must start at once.
  nerva-ui = part {
    pname = "nerva-ui";
    subPackages = [ "cmd/nerva-overlay" ];
    tags = [
      "netgo"
      "osusergo"
    ];
    # gcc takes six times as long for gotk4.
    env.CC = "clang";
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
    postBuild = ''
      CGO_ENABLED=0 go build -ldflags '${
        toString (linked ++ lib.optional stdenv.hostPlatform.isx86_64 "-E start")
      }' -o "$GOPATH/bin/nerva-ui" ./cmd/nerva-ui
    '';
    postInstall = ''
      install -D "$out/bin/nerva-overlay" -t "$out/libexec"
      rm "$out/bin/nerva-overlay"
      PREFIX=$out bash dev/install --data nerva-ui
    '';
    # Only the overlay: a wrapper would take nerva-ui longer than all it does.
    dontWrapGApps = true;
    postFixup = ''
      wrapGApp "$out/libexec/nerva-overlay"
    '';
    meta = meta "nerva-ui" "Resident AI desktop agent: the overlay";
  };
in
symlinkJoin {
  pname = "nerva";
  inherit version;
  paths = [
    nerva
    nervad
    nerva-ui
  ];
  passthru = { inherit nerva nervad nerva-ui; };
  meta = meta "nerva" "Resident AI desktop agent and launcher for Wayland";
}
