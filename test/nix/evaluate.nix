# The configurations of ./cases with the real nixpkgs and Home Manager: what a case says must come true.
{
  lib,
  pkgs,
  nixosSystem,
  home-manager,
}:
let
  inherit (pkgs.stdenv.hostPlatform) system;

  home =
    file:
    home-manager.lib.homeManagerConfiguration {
      inherit pkgs;
      modules = [
        ../../homeModules
        file
        {
          home = {
            username = "nerva-test";
            homeDirectory = "/home/nerva-test";
            stateVersion = lib.mkDefault "26.05";
          };
        }
      ];
    };

  nixos =
    file:
    nixosSystem {
      modules = [
        ../../nixosModules
        file
        {
          nixpkgs.hostPlatform = system;
          system.stateVersion = "26.05";
          boot.loader.grub.enable = false;
          fileSystems."/" = {
            device = "none";
            fsType = "tmpfs";
          };
        }
      ];
    };

  # A machine's or a home's derivation; asking for it makes the assertions speak.
  derivation = c: c.activationPackage.drvPath or c.config.system.build.toplevel.drvPath or "";

  succeeds =
    file: kind:
    let
      c = if kind == "home" then home file else nixos file;
    in
    (builtins.tryEval (builtins.seq (derivation c) (lib.all (a: a.assertion) c.config.assertions)))
    .value;

  check =
    name:
    let
      file = ./cases + "/${name}";
      header = lib.filter (lib.hasPrefix "# ") (lib.splitString "\n" (builtins.readFile file));
      kind = lib.removePrefix "# " (builtins.head header);
      refused = lib.any (line: builtins.match "# (refused|asserts): .*" line != null) header;
    in
    if succeeds file kind == !refused then
      "${name}\n"
    else
      throw "test/nix/cases/${name} was ${if refused then "accepted" else "refused"}";
in
{
  everything = home ./cases/home-everything.nix;
  report = lib.concatMapStrings check (builtins.attrNames (builtins.readDir ./cases));
}
