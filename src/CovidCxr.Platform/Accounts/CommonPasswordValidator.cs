using System.Text;
using CovidCxr.Storage;
using Microsoft.AspNetCore.Identity;

namespace CovidCxr.Platform.Accounts;

/// <summary>
/// Refuses what is long and still guessed first: few different characters, runs of the keyboard or the alphabet, a short word repeated,
/// common words, the own name. Length itself is Identity's rule; there are none about character classes (NIST SP 800-63B, section 5.1.1.2).
/// </summary>
sealed class CommonPasswordValidator : IPasswordValidator<Account>
{
    const int MinDistinct = 6, MinRun = 4, MinRepeats = 3;

    // Walks over the keyboard (two layouts, row by row and column by column), digits and letters; each is walked backwards too.
    static readonly string[] Walks = WithReverses(
        "qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "yxcvbnm", "azertyuiop", "1234567890", "0123456789",
        "abcdefghijklmnopqrstuvwxyz", "1q2w3e4r5t6y7u8i9o0p", "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p", "qazwsxedcrfvtgbyhnujm");

    static readonly string[] Common =
    [
        "password", "passwort", "passw0rd", "p@ssw0rd", "letmein", "welcome", "iloveyou", "trustno1", "football", "baseball", "princess",
        "sunshine", "dragon", "monkey", "master", "shadow", "superman", "starwars", "whatever", "administrator", "admin", "changeme",
        "covidcxr", "covid", "radiologist", "radiology", "hospital", "login", "secret",
    ];

    public Task<IdentityResult> ValidateAsync(UserManager<Account> manager, Account user, string? password)
    {
        var text = (password ?? "").ToLowerInvariant();
        var rest = Common.Append(user.UserName?.Split('@')[0].ToLowerInvariant() ?? "").Where(w => w.Length > 2)
            .Aggregate(text, (left, word) => left.Replace(word, "", StringComparison.Ordinal));
        var isCommon = text.Distinct().Count() < MinDistinct || WithoutWalks(rest).Length < text.Length / 2 || IsRepeated(text);
        return Task.FromResult(isCommon
            ? IdentityResult.Failed(new IdentityError
            {
                Code = "CommonPassword",
                Description = "This password is easily guessed. Use several unrelated words."
            })
            : IdentityResult.Success);
    }

    static string[] WithReverses(params string[] walks) => [.. walks, .. walks.Select(w => new string([.. w.Reverse()]))];

    static string WithoutWalks(string text)
    {
        var rest = new StringBuilder();
        for (var i = 0; i < text.Length;)
        {
            var run = 0;
            while (i + run < text.Length && Walks.Any(w => w.Contains(text.Substring(i, run + 1), StringComparison.Ordinal)))
            {
                run++;
            }

            if (run < MinRun)
            {
                rest.Append(text[i]);
            }

            i += run < MinRun ? 1 : run;
        }

        return rest.ToString();
    }

    static bool IsRepeated(string text) =>
        Enumerable.Range(1, text.Length / MinRepeats)
            .Any(unit => Enumerable.Range(unit, text.Length - unit).All(i => text[i] == text[i - unit]));
}
