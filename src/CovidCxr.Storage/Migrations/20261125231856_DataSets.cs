using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace CovidCxr.Storage.Migrations
{
    /// <inheritdoc />
    public partial class DataSets : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<Guid>(
                name: "DataSetVersionId",
                table: "RetrainingRuns",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "Kind",
                table: "RetrainingRuns",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.CreateTable(
                name: "DataSetVersions",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "TEXT", nullable: false),
                    SetId = table.Column<Guid>(type: "TEXT", nullable: false),
                    Name = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false),
                    Number = table.Column<int>(type: "INTEGER", nullable: false),
                    ParentId = table.Column<Guid>(type: "TEXT", nullable: true),
                    Change = table.Column<string>(type: "TEXT", maxLength: 300, nullable: false),
                    Recipe = table.Column<string>(type: "TEXT", nullable: true),
                    State = table.Column<int>(type: "INTEGER", nullable: false),
                    Done = table.Column<int>(type: "INTEGER", nullable: false),
                    Total = table.Column<int>(type: "INTEGER", nullable: false),
                    IsCancelWished = table.Column<bool>(type: "INTEGER", nullable: false),
                    Message = table.Column<string>(type: "TEXT", maxLength: 2000, nullable: true),
                    Images = table.Column<int>(type: "INTEGER", nullable: false),
                    Patients = table.Column<int>(type: "INTEGER", nullable: false),
                    IsDivided = table.Column<bool>(type: "INTEGER", nullable: false),
                    ManifestHash = table.Column<string>(type: "TEXT", maxLength: 64, nullable: true),
                    CreatedBy = table.Column<Guid>(type: "TEXT", nullable: false),
                    CreatedByName = table.Column<string>(type: "TEXT", maxLength: 256, nullable: false),
                    CreatedAt = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_DataSetVersions", x => x.Id);
                    table.ForeignKey(
                        name: "FK_DataSetVersions_DataSetVersions_ParentId",
                        column: x => x.ParentId,
                        principalTable: "DataSetVersions",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateIndex(
                name: "IX_RetrainingRuns_DataSetVersionId",
                table: "RetrainingRuns",
                column: "DataSetVersionId");

            migrationBuilder.CreateIndex(
                name: "IX_DataSetVersions_ParentId",
                table: "DataSetVersions",
                column: "ParentId");

            migrationBuilder.CreateIndex(
                name: "IX_DataSetVersions_SetId_Number",
                table: "DataSetVersions",
                columns: new[] { "SetId", "Number" },
                unique: true);

            migrationBuilder.AddForeignKey(
                name: "FK_RetrainingRuns_DataSetVersions_DataSetVersionId",
                table: "RetrainingRuns",
                column: "DataSetVersionId",
                principalTable: "DataSetVersions",
                principalColumn: "Id",
                onDelete: ReferentialAction.Restrict);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropForeignKey(
                name: "FK_RetrainingRuns_DataSetVersions_DataSetVersionId",
                table: "RetrainingRuns");

            migrationBuilder.DropTable(
                name: "DataSetVersions");

            migrationBuilder.DropIndex(
                name: "IX_RetrainingRuns_DataSetVersionId",
                table: "RetrainingRuns");

            migrationBuilder.DropColumn(
                name: "DataSetVersionId",
                table: "RetrainingRuns");

            migrationBuilder.DropColumn(
                name: "Kind",
                table: "RetrainingRuns");
        }
    }
}
