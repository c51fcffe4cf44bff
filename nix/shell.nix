# `nix develop`: all that `make` uses, on the machine itself.
{
  mkShell,
  at-spi2-core,
  bubblewrap,
  clang,
  dbus,
  desktop-file-utils,
  foot,
  fuzzel,
  glib,
  go,
  gobject-introspection,
  golangci-lint,
  grim,
  gsettings-desktop-schemas,
  gtk4,
  gtk4-layer-shell,
  imagemagick,
  inter,
  jq,
  libnotify,
  librsvg,
  mako,
  nix,
  nixfmt,
  ollama,
  pkg-config,
  python3,
  shellcheck,
  strace,
  sway,
  systemd,
  tesseract,
  tofi,
  wl-clipboard,
  wlr-randr,
  wofi,
  wtype,
  xdg-desktop-portal,
  xdg-desktop-portal-gtk,
  xdg-desktop-portal-wlr,
  xdg-utils,
  ydotool,
}:
mkShell {
  packages = [
    # Build.
    clang
    go
    gobject-introspection
    pkg-config
    # The private desktop, and what drives and watches it.
    at-spi2-core
    bubblewrap
    dbus
    desktop-file-utils
    foot
    glib
    grim
    imagemagick
    jq
    libnotify
    mako
    python3
    strace
    sway
    systemd
    tesseract
    wl-clipboard
    wlr-randr
    wtype
    xdg-desktop-portal
    xdg-desktop-portal-gtk
    xdg-desktop-portal-wlr
    xdg-utils
    ydotool
    # Peers of `make bench`, and a model.
    fuzzel
    ollama
    tofi
    wofi
    # Linters; gofumpt and staticcheck are tools of dev/tools/go.mod.
    golangci-lint
    nix
    nixfmt
    shellcheck
  ];
  buildInputs = [
    glib
    gsettings-desktop-schemas
    gtk4
    gtk4-layer-shell
    inter
    librsvg
  ];
  # This machine has what dev/enter would make a Debian root for.
  NERVA_DEV = "native";
  CC = "clang";
}
