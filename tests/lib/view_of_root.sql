-- What a site's administrator makes as root in the archive's database.
CREATE DEFINER=`root`@`localhost` SQL SECURITY DEFINER VIEW worklist_of_ris AS
  SELECT p.pat_id, p.pat_name, s.study_iuid, s.accession_no FROM patient p JOIN study s ON s.patient_fk = p.pk;
CREATE DEFINER=`root`@`localhost` EVENT old_worklist ON SCHEDULE EVERY 1 DAY
  DO DELETE FROM mwl_item WHERE start_datetime < NOW() - INTERVAL 60 DAY;
CREATE DEFINER=`root`@`localhost` TRIGGER study_seen BEFORE UPDATE ON study FOR EACH ROW SET NEW.updated_time = NOW();
