namespace CovidCxr.Web.Tests.Features.Clinic.Readings.Viewer;

/// <summary>The tests that share one browser.</summary>
[CollectionDefinition("Viewer")]
public sealed class ViewerTests : ICollectionFixture<ViewerBrowser>;
