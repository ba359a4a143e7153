namespace CovidCxr.Web.Tests.Reading.Viewer;

/// <summary>The tests that share one browser.</summary>
[CollectionDefinition("Viewer")]
public sealed class ViewerTests : ICollectionFixture<ViewerBrowser>;
