using CovidCxr.Web.Shared;
using Microsoft.JSInterop;

namespace CovidCxr.Web.Tests.Shared;

/// <summary>A script that comes when its component has gone, and one that goes with it.</summary>
public sealed class PageScriptTests
{
    [Fact]
    public async Task Start_OfAScriptThatComesAfterTheEnd_EndsItAllTheSame()
    {
        await using var browser = new Browser();
        var script = new PageScript(browser);
        var starting = script.StartAsync("./a.js", "listen");
        browser.Loaded.SetResult();

        await script.DisposeAsync();
        Assert.DoesNotContain("dispose", browser.Calls);
        browser.Made.SetResult();
        await starting;

        Assert.Equal(["import", "listen", "dispose"], browser.Calls);
        Assert.False(script.IsRunning);
    }

    [Fact]
    public async Task Start_OfAModuleThatComesAfterTheEnd_StartsNothing()
    {
        await using var browser = new Browser();
        var script = new PageScript(browser);
        var starting = script.StartAsync("./a.js", "listen");

        await script.DisposeAsync();
        browser.Loaded.SetResult();
        await starting;

        Assert.Equal(["import"], browser.Calls);
    }

    [Fact]
    public async Task Dispose_OfARunningScript_EndsItOnce()
    {
        await using var browser = new Browser();
        var script = new PageScript(browser);
        browser.Loaded.SetResult();
        browser.Made.SetResult();
        await script.StartAsync("./a.js", "listen");
        await script.CallAsync("update");

        await script.DisposeAsync();
        await script.DisposeAsync();
        await script.CallAsync("update");

        Assert.Equal(["import", "listen", "update", "dispose"], browser.Calls);
    }

    /// <summary>Answers when it is told to.</summary>
    sealed class Browser : IJSRuntime, IJSObjectReference
    {
        public List<string> Calls { get; } = [];

        public TaskCompletionSource Loaded { get; } = new();

        public TaskCompletionSource Made { get; } = new();

        public ValueTask<TValue> InvokeAsync<TValue>(string identifier, object?[]? args) =>
            InvokeAsync<TValue>(identifier, CancellationToken.None, args);

        public async ValueTask<TValue> InvokeAsync<TValue>(string identifier, CancellationToken cancellationToken, object?[]? args)
        {
            Calls.Add(identifier);
            await (identifier switch
            {
                "import" => Loaded.Task,
                "listen" => Made.Task,
                _ => Task.CompletedTask,
            });
            return this is TValue self ? self : default!;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
