using CovidCxr.Domain.Hospital;
using CovidCxr.Domain.Studies;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CovidCxr.Storage.Configurations;

sealed class OutgoingResultConfiguration : IEntityTypeConfiguration<OutgoingResult>
{
    internal const int MaxName = 64;

    public void Configure(EntityTypeBuilder<OutgoingResult> builder)
    {
        builder.Property(r => r.Destination).HasMaxLength(MaxName);
        builder.Property(r => r.InstanceUid).HasMaxLength(64);
        builder.Property(r => r.Reason).HasMaxLength(500);
        builder.HasOne<Study>().WithMany().HasForeignKey(r => r.StudyId).OnDelete(DeleteBehavior.Restrict);
        // Two processes that look at the same moment queue an answer once.
        builder.HasIndex(r => new { r.StudyId, r.Destination, r.Version, r.Kind }).IsUnique();
        builder.HasIndex(r => new { r.Destination, r.State, r.NotBefore });
        builder.HasIndex(r => new { r.State, r.Id });
    }
}

sealed class ResultDestinationConfiguration : IEntityTypeConfiguration<ResultDestination>
{
    public void Configure(EntityTypeBuilder<ResultDestination> builder)
    {
        builder.HasKey(d => d.Name);
        builder.Property(d => d.Name).HasMaxLength(OutgoingResultConfiguration.MaxName);
    }
}
