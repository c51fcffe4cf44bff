# The rules of what nerva notices. This version checks them and does not act on them yet.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  inherit (lib) mkOption types;
  cfg = config.programs.nerva;
  nerva = import ../nix/lib.nix { inherit lib pkgs; };

  rule = types.submodule {
    options = {
      name = nerva.mkRequired {
        type = types.str;
        example = "summarise links";
        description = "What suggestions are listed by. Key: `watchers.rule.name`.";
      };
      on = nerva.mkRequired {
        type = types.enum [
          "clipboard"
          "window"
          "file"
          "timer"
          "dbus"
          "unit"
          "notification"
          "battery"
          "network"
          "idle"
        ];
        example = "clipboard";
        description = "The source of events. Key: `watchers.rule.on`.";
      };
      match.regex = mkOption {
        type = types.nullOr types.str;
        default = null;
        example = "^https?://";
        description = ''
          A regular expression, as Go has them, for the event's text. Key: `watchers.rule.match.regex` in
          `watchers.rule.match`.
        '';
      };
      suggest = {
        title = nerva.mkRequired {
          type = types.str;
          example = "Summarise this page?";
          description = "The title of the suggestion. Key: `watchers.rule.suggest.title` in `watchers.rule.suggest`.";
        };
        ask = nerva.mkRequired {
          type = types.str;
          example = "Summarise {{.Text}}";
          description = "What the agent is asked when it is taken. Key: `watchers.rule.suggest.ask`.";
        };
      };
    };
  };
in
{
  imports = [ ./options.nix ];

  options.programs.nerva.watchers = {
    enable = nerva.mkSetting {
      key = "watchers.enabled";
      type = types.bool;
      example = false;
      description = "Whether the rules are in force.";
    };
    rules = mkOption {
      type = types.listOf rule;
      default = [ ];
      example = lib.literalExpression ''
        [
          {
            name = "summarise links";
            on = "clipboard";
            match.regex = "^https?://";
            suggest = { title = "Summarise this page?"; ask = "Summarise {{.Text}}"; };
          }
        ]
      '';
      description = "The rules. Key: `watchers.rule`. Not acted on by this version.";
    };
  };

  config = lib.mkIf cfg.enable {
    programs.nerva.settings = nerva.set {
      watchers = nerva.set {
        enabled = cfg.watchers.enable;
        rule = map (rule: nerva.set (rule // { match = nerva.set rule.match; })) cfg.watchers.rules;
      };
    };
  };
}
