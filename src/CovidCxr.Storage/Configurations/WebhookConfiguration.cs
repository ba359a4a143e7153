using CovidCxr.Domain.Webhooks;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CovidCxr.Storage.Configurations;

sealed class WebhookMessageConfiguration : IEntityTypeConfiguration<WebhookMessage>
{
    internal const int MaxName = 64;

    public void Configure(EntityTypeBuilder<WebhookMessage> builder)
    {
        builder.Property(m => m.Address).HasMaxLength(MaxName);
        builder.Property(m => m.Event).HasMaxLength(64);
        builder.Property(m => m.Reason).HasMaxLength(500);
        builder.HasIndex(m => new { m.Address, m.State, m.NotBefore });
        builder.HasIndex(m => new { m.State, m.Id });
    }
}

sealed class WebhookAddressConfiguration : IEntityTypeConfiguration<WebhookAddress>
{
    public void Configure(EntityTypeBuilder<WebhookAddress> builder)
    {
        builder.HasKey(a => a.Name);
        builder.Property(a => a.Name).HasMaxLength(WebhookMessageConfiguration.MaxName);
    }
}
