# nixos
# toml: skill = "power"
{
  services.nerva = {
    enable = true;
    users = [ "alice" ];
    settings.policy.rule = [
      {
        name = "no power";
        skill = "power";
        decision = "deny";
      }
    ];
  };
  users.users.alice.isNormalUser = true;
}
