using CovidCxr.Domain.Models;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CovidCxr.Storage.Configurations;

sealed class ModelVersionConfiguration : IEntityTypeConfiguration<ModelVersion>
{
    public void Configure(EntityTypeBuilder<ModelVersion> builder)
    {
        builder.HasIndex(m => m.Number).IsUnique();
        builder.HasIndex(m => m.Sha256).IsUnique();
        builder.HasIndex(m => m.IsActive).IsUnique().HasFilter("\"IsActive\" = 1");
    }
}
