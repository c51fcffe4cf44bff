# home
# refused: programs\.nerva\.policy\.rules\..*decision.*one of "allow", "ask", "deny"
{
  programs.nerva = {
    enable = true;
    policy.rules = [
      {
        name = "a";
        skill = "notify";
        decision = "alow";
      }
    ];
  };
}
