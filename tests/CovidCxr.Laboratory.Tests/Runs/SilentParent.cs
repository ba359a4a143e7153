namespace CovidCxr.Laboratory.Tests.Runs;

/// <summary>The leash of a parent that lives and requests nothing.</summary>
class SilentParent : TextReader
{
    public override async Task<string?> ReadLineAsync()
    {
        await Task.Delay(Timeout.Infinite, TestContext.Current.CancellationToken);
        return null;
    }
}
