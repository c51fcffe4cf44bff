{
  description = "Resident AI desktop agent and launcher for Wayland";

  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    home-manager = {
      url = "github:nix-community/home-manager";
      inputs.nixpkgs.follows = "nixpkgs";
    };
  };

  outputs =
    {
      self,
      nixpkgs,
      home-manager,
    }:
    let
      inherit (nixpkgs) lib;
      forAllSystems =
        f: lib.genAttrs [ "x86_64-linux" "aarch64-linux" ] (system: f nixpkgs.legacyPackages.${system});
      # Without the revision, which would have every commit compile gotk4 anew.
      package = pkgs: pkgs.callPackage ./nix/package.nix { };
    in
    {
      packages = forAllSystems (
        pkgs:
        let
          all = package pkgs;
        in
        {
          inherit (all) nerva nervad;
          # The overlay needs the others beside it.
          nerva-ui = all;
          default = all;
        }
      );

      overlays.default = final: _: { nerva = package final; };

      nixosModules.default = ./nixosModules;

      homeModules.default = ./homeModules;
      # The name that Home Manager used before.
      homeManagerModules = self.homeModules;

      apps = forAllSystems (
        pkgs:
        let
          inherit (pkgs.stdenv.hostPlatform) system;
          app = name: {
            type = "app";
            program = lib.getExe' self.packages.${system}.default name;
            meta.description = self.packages.${system}.default.meta.description;
          };
        in
        {
          nerva = app "nerva";
          nervad = app "nervad";
          nerva-ui = app "nerva-ui";
          default = app "nerva";
        }
      );

      devShells = forAllSystems (pkgs: {
        default = import ./nix/shell.nix { inherit pkgs; };
      });

      formatter = forAllSystems (pkgs: pkgs.nixfmt-tree);

      checks = forAllSystems (
        pkgs:
        import ./nix/checks.nix {
          inherit pkgs home-manager;
          inherit (nixpkgs.lib) nixosSystem;
          packages = self.packages.${pkgs.stdenv.hostPlatform.system};
        }
      );
    };
}
