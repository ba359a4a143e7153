using Microsoft.JSInterop;

namespace CovidCxr.Web.Shared;

/// <summary>
/// An object of a script in the browser that works for a component. It ends with the component, also where that has gone before the script
/// came; a lost circuit takes it along. Used on the component's thread alone.
/// </summary>
public sealed class PageScript(IJSRuntime js) : IAsyncDisposable
{
    IJSObjectReference? _script;
    bool _isOver;

    public bool IsRunning => _script is not null && !_isOver;

    /// <param name="function">Of the module: makes the object, which has a dispose().</param>
    public async Task StartAsync(string module, string function, params object?[] arguments)
    {
        try
        {
            await using var loaded = await js.InvokeAsync<IJSObjectReference>("import", module);
            if (_isOver)
            {
                // What it would work on is no longer on the page.
                return;
            }

            _script = await loaded.InvokeAsync<IJSObjectReference>(function, arguments);
            if (_isOver)
            {
                await EndAsync();
            }
        }
        catch (Exception e) when (e is JSDisconnectedException or OperationCanceledException)
        {
            // The circuit is lost, and the page with it.
        }
    }

    /// <summary>Does nothing unless it is running.</summary>
    public async Task CallAsync(string function, params object?[] arguments)
    {
        try
        {
            await (IsRunning ? _script!.InvokeVoidAsync(function, arguments) : default);
        }
        catch (Exception e) when (e is JSDisconnectedException or OperationCanceledException)
        {
            // As above.
        }
    }

    public async ValueTask DisposeAsync()
    {
        _isOver = true;
        try
        {
            await EndAsync();
        }
        catch (Exception e) when (e is JSDisconnectedException or OperationCanceledException)
        {
            // As above.
        }
    }

    async Task EndAsync()
    {
        if (_script is { } ending)
        {
            _script = null;
            await ending.InvokeVoidAsync("dispose");
            await ending.DisposeAsync();
        }
    }
}
