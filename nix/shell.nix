# `nix develop`: all that `make` uses, on the machine itself.
{ pkgs }:
pkgs.mkShell {
  packages = with pkgs; [
    # Build. gofumpt and staticcheck are tools of dev/tools/go.mod.
    clang
    go
    gobject-introspection
    golangci-lint
    nix
    nixfmt
    pkg-config
    shellcheck
    # The private desktop. sway as it is built: its wrapper wants a session.
    at-spi2-core
    dbus
    foot
    glib
    gnome-calculator
    mako
    mousepad
    pipewire
    sway-unwrapped
    swaybg
    systemd
    util-linux
    wireplumber
    xdg-desktop-portal
    xdg-desktop-portal-gtk
    xdg-desktop-portal-wlr
    # What drives and watches it.
    bubblewrap
    desktop-file-utils
    grim
    libqalculate
    imagemagick
    jq
    libnotify
    mandoc
    procps
    (python3.withPackages (python: [ python.pygobject3 ]))
    strace
    tesseract
    wl-clipboard
    wlr-randr
    wtype
    xdg-utils
    ydotool
    # Peers of `make bench`, and a model.
    fuzzel
    ollama
    tofi
    wofi
  ];

  buildInputs = with pkgs; [
    gsettings-desktop-schemas
    gtk4
    gtk4-layer-shell
    librsvg
  ];

  # This machine has what dev/enter would make a Debian root for.
  NERVA_DEV = "native";
  CC = "clang";
  # Services of the bus, entries, icons and types, which elsewhere lie below /usr/share.
  NERVA_DEV_DATA_DIRS = pkgs.lib.makeSearchPath "share" (
    with pkgs;
    [
      adwaita-icon-theme
      at-spi2-core
      foot
      gnome-calculator
      gsettings-desktop-schemas
      hicolor-icon-theme
      mako
      mousepad
      shared-mime-info
      xdg-desktop-portal
      xdg-desktop-portal-gtk
      xdg-desktop-portal-wlr
    ]
  );
}
