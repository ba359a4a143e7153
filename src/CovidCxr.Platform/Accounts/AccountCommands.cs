using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Platform.Accounts;

/// <summary>
/// `accounts remove-factor NAME`: the program with the same configuration, which does this and ends. The way back in for a department whose
/// only administrator has lost the device.
/// </summary>
public static class AccountCommands
{
    public static bool IsOne(string[] args) => args is ["accounts", ..];

    /// <returns>0 where it was done, 1 where there was nothing to do, 2 where something else was asked for.</returns>
    public static async Task<int> RunAsync(IServiceProvider services, string[] args, TextWriter output)
    {
        if (args is not [_, "remove-factor", { Length: > 0 } name])
        {
            await output.WriteLineAsync("It is `accounts remove-factor NAME`.");
            return 2;
        }

        await using var scope = services.CreateAsyncScope();
        var isDone = await scope.ServiceProvider.GetRequiredService<SecondFactor>().RemoveAsync(name);
        await output.WriteLineAsync(isDone
            ? $"{name} signs in with the password alone now."
            : $"Nobody of the name {name} has a second factor.");
        return isDone ? 0 : 1;
    }
}
