using CovidCxr.Domain.Jobs;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CovidCxr.Storage.Configurations;

sealed class JobConfiguration : IEntityTypeConfiguration<Job>
{
    public void Configure(EntityTypeBuilder<Job> builder)
    {
        builder.Property(j => j.Kind).HasMaxLength(50);
        builder.Property(j => j.TraceParent).HasMaxLength(55);
        builder.HasIndex(j => new { j.State, j.NotBefore });
    }
}
