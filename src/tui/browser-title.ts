export const browserTitle = '♪ segue';
