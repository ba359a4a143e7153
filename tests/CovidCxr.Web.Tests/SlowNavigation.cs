using Microsoft.AspNetCore.Components;

namespace CovidCxr.Web.Tests;

/// <summary>A browser that takes its time to say where it is.</summary>
sealed class SlowNavigation : NavigationManager
{
    readonly Queue<string> _asked = [];

    /// <param name="path">Where it is at first.</param>
    public SlowNavigation(string path) => Initialize("http://localhost/", "http://localhost" + path);

    public string? Last { get; private set; }

    public void Arrive()
    {
        Uri = ToAbsoluteUri(_asked.Dequeue()).ToString();
        NotifyLocationChanged(isInterceptedLink: false);
    }

    protected override void NavigateToCore(string uri, NavigationOptions options) => _asked.Enqueue(Last = uri);
}
