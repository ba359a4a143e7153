using Microsoft.Extensions.Options;

namespace CovidCxr.Platform.Configuration;

/// <summary>Gathers every broken rule of an options class, so that a start-up names them all at once.</summary>
public static class OptionRules
{
    public static ValidateOptionsResult Result(params ReadOnlySpan<(bool IsRight, string Rule)> rules)
    {
        var broken = new List<string>();
        foreach (var (isRight, rule) in rules)
        {
            if (!isRight)
            {
                broken.Add(rule);
            }
        }

        return broken.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(broken);
    }
}
