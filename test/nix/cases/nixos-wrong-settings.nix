# nixos
# build: policy\.caution is "allways", but must be one of allow, ask, deny
{
  services.nerva = {
    enable = true;
    users = [ "alice" ];
    settings.policy.caution = "allways";
  };
  users.users.alice.isNormalUser = true;
}
