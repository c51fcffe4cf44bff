# The key that opens the overlay, in whichever compositor Home Manager configures.
{
  config,
  lib,
  options,
  pkgs,
  ...
}:
let
  inherit (lib) mkIf mkOption types;
  cfg = config.programs.nerva.keybinding;
  command = "${config.programs.nerva.package}/bin/nerva-ui";

  parts = lib.splitString "+" cfg.key;
  modifiers = lib.init parts;
  key = lib.last parts;

  # What each configuration calls the modifiers.
  named = names: map (modifier: names.${modifier} or modifier) modifiers;
  # GNOME minds capitals: it is space, and Return.
  xkbKey = if lib.toLower key == "space" then "space" else key;
  join = separator: names: lib.concatStringsSep separator (named names ++ [ xkbKey ]);
  hyprMods = lib.concatStringsSep " " modifiers;
  sway = join "+" {
    SUPER = "Mod4";
    ALT = "Mod1";
    CTRL = "Ctrl";
    SHIFT = "Shift";
  };
  titled = lib.concatMapStringsSep "+" (
    word: lib.toUpper (builtins.substring 0 1 word) + lib.toLower (builtins.substring 1 (-1) word)
  );
  niri = titled parts;
  plasma = titled (named { SUPER = "Meta"; } ++ [ key ]);
  gnome =
    lib.concatMapStrings (modifier: "<${titled [ modifier ]}>") (named {
      CTRL = "Control";
    })
    + xkbKey;

  part =
    default: description:
    mkOption {
      type = types.bool;
      inherit default description;
      example = !default;
    };

  hyprland = config.wayland.windowManager.hyprland;
  # Hyprland is configured in Lua since 0.55; Home Manager before 26.05 knows only the old language.
  hasLua = options ? wayland.windowManager.hyprland.configType;
  isLua = hasLua && hyprland.configType == "lua";
  hasNiriHome = options ? wayland.windowManager.niri;
  hasNiriFlake = options ? programs.niri.settings;
  hasPlasma = options ? programs.plasma;

  gnomePath = "org/gnome/settings-daemon/plugins/media-keys/custom-keybindings/nerva";
in
{
  imports = [ ./options.nix ];

  options.programs.nerva.keybinding = {
    enable = part true "Whether a key opens the overlay, in every compositor below that Home Manager configures.";
    key = mkOption {
      type = types.strMatching "((SUPER|CTRL|ALT|SHIFT)[+])*[A-Za-z0-9_]+" // {
        description = "key with modifiers, such as SUPER+SPACE; the modifiers are SUPER, CTRL, ALT and SHIFT";
      };
      default = "SUPER+SPACE";
      example = "ALT+SPACE";
      description = "The key, by its name in xkb, after its modifiers.";
    };
    hyprland = part true "Whether Hyprland gets the binding, in Lua or in hyprlang as {option}`wayland.windowManager.hyprland.configType` says.";
    sway = part true "Whether sway gets the binding. It takes the place of another binding of the same key.";
    niri = part true "Whether niri gets the binding, configured by Home Manager, or by niri's flake with {option}`programs.niri.enable`.";
    plasma = part true "Whether KDE Plasma gets the binding, where plasma-manager is imported.";
    gnome = part false ''
      Whether GNOME gets the binding. It is off because the list of custom bindings is one value: this replaces those
      that were made in GNOME's settings. Its own SUPER+SPACE switches the input source.
    '';
  };

  config = mkIf (config.programs.nerva.enable && cfg.enable) (
    lib.mkMerge [
      (mkIf (cfg.hyprland && hyprland.enable) {
        wayland.windowManager.hyprland = {
          extraConfig = mkIf (!isLua) ''
            bind = ${hyprMods}, ${key}, exec, ${command}
          '';
        }
        // lib.optionalAttrs hasLua {
          extraLuaFiles.nerva = mkIf isLua ''
            hl.bind("${lib.concatStringsSep " + " parts}", hl.dsp.exec_cmd("${command}"))
          '';
        };
      })
      (mkIf (cfg.sway && config.wayland.windowManager.sway.enable) {
        # The defaults stay; mod+space is one of them, for whoever has SUPER as sway's modifier.
        wayland.windowManager.sway.config.keybindings = lib.mkOptionDefault {
          ${sway} = lib.mkForce "exec ${command}";
        };
      })
      (lib.optionalAttrs hasNiriHome (
        mkIf (cfg.niri && config.wayland.windowManager.niri.enable) {
          wayland.windowManager.niri.settings.binds.${niri}.spawn = [ command ];
        }
      ))
      (lib.optionalAttrs hasNiriFlake (
        mkIf (cfg.niri && config.programs.niri.enable or false) {
          programs.niri.settings.binds.${niri}.action.spawn = [ command ];
        }
      ))
      (lib.optionalAttrs hasPlasma (
        mkIf (cfg.plasma && config.programs.plasma.enable) {
          programs.plasma.hotkeys.commands.nerva = {
            name = "nerva";
            key = plasma;
            inherit command;
          };
        }
      ))
      (mkIf cfg.gnome {
        dconf.settings = {
          "org/gnome/settings-daemon/plugins/media-keys".custom-keybindings = [ "/${gnomePath}/" ];
          ${gnomePath} = {
            name = "nerva";
            binding = gnome;
            inherit command;
          };
        };
      })
    ]
  );
}
