using CovidCxr.Domain.Accounts;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CovidCxr.Storage.Configurations;

sealed class ApiClientConfiguration : IEntityTypeConfiguration<ApiClient>
{
    public void Configure(EntityTypeBuilder<ApiClient> builder)
    {
        builder.Property(c => c.Name).HasMaxLength(ApiClient.MaxName);
        builder.Property(c => c.Prefix).HasMaxLength(16);
        builder.Property(c => c.CreatedByName).HasMaxLength(256);
        builder.Property(c => c.Scopes).HasConversion<JsonListConverter<string>>(JsonListConverter<string>.Comparer);
        builder.HasIndex(c => c.Prefix).IsUnique();
    }
}

sealed class ApiSubmissionConfiguration : IEntityTypeConfiguration<ApiSubmission>
{
    public void Configure(EntityTypeBuilder<ApiSubmission> builder)
    {
        builder.HasKey(s => new { s.ClientId, s.Key });
        builder.Property(s => s.Key).HasMaxLength(ApiSubmission.MaxKey);
    }
}
