# `nix flake check`.
{
  pkgs,
  packages,
  nixosSystem,
  home-manager,
}:
let
  inherit (pkgs) lib;
  inherit (pkgs.stdenv.hostPlatform) system;

  evaluated = import ../test/nix/evaluate.nix {
    inherit
      lib
      pkgs
      nixosSystem
      home-manager
      ;
  };
in
{
  inherit (packages) default nerva nervad;

  formatting = pkgs.runCommand "nerva-formatting" { nativeBuildInputs = [ pkgs.nixfmt ]; } ''
    cd ${../.}
    find . -name '*.nix' -exec nixfmt --check {} +
    touch $out
  '';

  # Every key of the configuration, through the modules and through `nerva config check`.
  config = evaluated.everything.config.xdg.configFile."nerva/config.toml".source;

  # Building this means that each configuration of test/nix/cases was evaluated, or refused, as it says.
  modules = pkgs.writeText "nerva-modules" evaluated.report;

  # Hyprland with a user, a key press, a screenshot, the bus and the journal. It needs a machine that can build
  # and boot virtual machines.
  vm = import ../test/nix/vm.nix {
    inherit pkgs home-manager;
  };
}
