# home
# refused: programs\.nerva\.policy\.dangerous.*not of type .null or one of "ask", "deny"
{
  programs.nerva = {
    enable = true;
    policy.dangerous = "allow";
  };
}
