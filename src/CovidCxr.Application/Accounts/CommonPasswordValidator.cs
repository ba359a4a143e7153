using CovidCxr.Storage;
using Microsoft.AspNetCore.Identity;

namespace CovidCxr.Application.Accounts;

/// <summary>
/// Refuses what is long and still guessed first: few different characters, runs of the keyboard, common words repeated, the own name. Length
/// itself is Identity's rule; there are none about character classes (NIST SP 800-63B, section 5.1.1.2).
/// </summary>
sealed class CommonPasswordValidator : IPasswordValidator<Account>
{
    const int MinDistinct = 6;

    static readonly string[] Common =
    [
        "password", "passwort", "qwerty", "qwertz", "letmein", "welcome", "iloveyou", "administrator", "changeme", "covidcxr", "radiology", "hospital",
        "1234567890", "0123456789", "abcdefghij", "asdfghjkl",
    ];

    public Task<IdentityResult> ValidateAsync(UserManager<Account> manager, Account user, string? password)
    {
        var text = (password ?? "").ToLowerInvariant();
        var rest = Common.Append(user.UserName?.Split('@')[0].ToLowerInvariant() ?? "").Where(w => w.Length > 2)
            .Aggregate(text, (left, word) => left.Replace(word, "", StringComparison.Ordinal));
        var isCommon = text.Distinct().Count() < MinDistinct || rest.Length < text.Length / 2;
        return Task.FromResult(isCommon
            ? IdentityResult.Failed(new IdentityError { Code = "CommonPassword", Description = "This password is easily guessed. Use several unrelated words." })
            : IdentityResult.Success);
    }
}
