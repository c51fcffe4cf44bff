# home
# build: policy\.rule\[0\]\.skill is "opn_path", but there is no such skill
{
  programs.nerva = {
    enable = true;
    policy.rules = [
      {
        name = "a";
        skill = "opn_path";
        decision = "deny";
      }
    ];
  };
}
