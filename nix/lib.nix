# What the modules for NixOS and for Home Manager share.
{ lib, pkgs }:
let
  inherit (lib) mkOption types;
in
rec {
  package = mkOption {
    type = types.package;
    default = pkgs.callPackage ./package.nix { };
    defaultText = lib.literalMD "nerva, built from the folder that the module is in";
    example = lib.literalExpression "inputs.nerva.packages.x86_64-linux.default";
    description = "The package of nerva.";
  };

  toml = pkgs.formats.toml { };

  # An option of a submodule that has to be set.
  mkRequired = args: mkOption ({ defaultText = lib.literalMD "none, it must be set"; } // args);

  canExecute = pkgs.stdenv.buildPlatform.canExecute pkgs.stdenv.hostPlatform;

  # In the settings no type refuses a Nix path, and the file's generation would copy it into the store.
  secretIsText =
    prefix: key: value:
    lib.throwIf (!builtins.isString value || builtins.hasContext value)
      "${prefix}.settings.${key} is a Nix path, which would be copied into the store, where everybody on the machine can read it; write its place as text"
      true;

  # The configuration as a file. What is wrong with it ends its build, so that the switch fails and not the login.
  # The message names the option: of a key in names its own, below prefix, and of any other prefix.settings.
  configFile =
    {
      package,
      settings,
      prefix,
      names ? { },
    }:
    let
      # nerva says FILE:LINE:COLUMN: KEY PROBLEM.
      place = "^.*:\\([0-9]*\\):[0-9]*: ";
      rename =
        key: option: "s/${place}\\(${lib.escape [ "." ] key}[. []\\)/${prefix}.${option}, line \\1: \\2/;t";
      renames = lib.mapAttrsToList rename names ++ [ "s/${place}/${prefix}.settings, line \\1: /" ];
    in
    assert secretIsText prefix "llm.api_key_file" (settings.llm.api_key_file or "");
    assert secretIsText prefix "secrets.path" (settings.secrets.path or "");
    (toml.generate "nerva-config.toml" settings).overrideAttrs (old: {
      # A system for another processor is checked when it starts.
      buildCommand =
        (old.buildCommand or "")
        + lib.optionalString canExecute ''
          if ! said=$(HOME=/var/empty ${package}/bin/nerva config check "$out" 2>&1); then
            echo "nerva can't be configured so:" >&2
            printf '%s\n' "$said" | sed ${
              lib.escapeShellArgs (
                lib.concatMap (line: [
                  "-e"
                  line
                ]) renames
              )
            } >&2
            cat -n "$out" >&2
            exit 1
          fi
        '';
    });

  # A file that holds a secret, by its place. Nix copies a path that is no text into the store.
  secretFile = lib.mkOptionType {
    name = "secretFile";
    description =
      "path outside of the Nix store, which everybody on the machine can read; "
      + "written as text (\"/run/secrets/key\" or \"~/key\") and not as a Nix path";
    descriptionClass = "nonRestrictiveClause";
    check =
      value:
      builtins.isString value
      && !builtins.hasContext value
      && builtins.match "(/|~/).*" value != null
      && !lib.hasPrefix builtins.storeDir value;
    merge = lib.mergeEqualOption;
  };

  # A unit of assets/systemd as NixOS wants it, for these users. The bus starts it by this unit, so it is there even if
  # nothing starts by itself.
  systemUnit =
    {
      package,
      file,
      users,
      starts,
    }:
    let
      unit = import ./unit.nix lib { inherit package file; };
    in
    {
      description = unit.Unit.Description;
      documentation = unit.Unit.Documentation;
      partOf = unit.Unit.PartOf or [ ];
      after = unit.Unit.After or [ ];
      wantedBy = lib.mkIf starts unit.Install.WantedBy;
      # systemd.unit(5): a login screen is a user as well.
      unitConfig.ConditionUser = if users == [ ] then [ "!@system" ] else map (name: "|${name}") users;
      serviceConfig = lib.mapAttrs (_: lib.mkDefault) unit.Service;
      # NixOS would give the service a PATH of its own, and with it all that nervad launches.
      enableDefaultPath = false;
    };

  # A path of the user's, as text.
  userPath = types.strMatching "(/|~/).*" // {
    description = "absolute path, or one that begins with ~/, as text";
  };

  # An option that is nerva's own default unless it is set: then it does not stand in the file, and what
  # the system's file says holds.
  mkSetting =
    {
      key,
      type,
      example,
      description,
    }:
    mkOption {
      type = types.nullOr type;
      default = null;
      inherit example;
      description = "${description} With `null` nerva's own default or the system's file decides. Key: `${key}`.";
    };

  # attributes without those that are null, or empty: what is in them is the user's and stays as it is.
  set = lib.filterAttrs (
    _: value:
    !lib.elem value [
      null
      { }
      [ ]
    ]
  );
}
